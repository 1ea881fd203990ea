package import HTTPTransport

/// Speaks HTTP/1.1 and HTTP/2 to the network through libcurl.
///
/// All transfers run on one thread of their own, which the first request starts and ``shutdown()`` ends; tasks only
/// ever wait for it. Connections are kept and shared between requests to one host whose security is equal. Redirects,
/// cookies, proxies of the environment and `.netrc` do not exist.
///
/// Requests with a total deadline share an HTTP/2 connection where TLS negotiates one; a request without, such as a
/// watch, has an HTTP/1.1 connection to itself, so that its reader can take its time.
///
/// ```swift
/// let transport = CurlHTTPTransport()
/// defer { transport.shutdown() }
/// let head = HTTPRequest(method: .get, scheme: "https", authority: "example.com", path: "/")
/// let response = try await transport.collect(TransportRequest(head: head))
/// ```
package final class CurlHTTPTransport: ClientTransport {
  private let configuration: Configuration
  private let mailbox = Mailbox()

  /// Creates a transport.
  ///
  /// No thread and no descriptor exists before the first request.
  package init(configuration: Configuration = Configuration()) {
    self.configuration = configuration
  }

  deinit {
    self.mailbox.close()
  }

  /// Ends the thread and closes every connection.
  ///
  /// Running exchanges fail with `closed`, and so does every later request.
  package func shutdown() {
    self.mailbox.close()
  }

  /// Sends `request` and hands the response to `handle` as soon as its head has arrived.
  ///
  /// - Throws: `TransportError` for anything that went wrong on the way, `CancellationError` when the calling task was
  ///   cancelled, and whatever `handle` throws.
  package func withResponse<Result: Sendable>(
    to request: TransportRequest,
    _ handle: (TransportResponse) async throws -> Result
  ) async throws -> Result {
    let prepared = try PreparedRequest(request)
    try Task.checkCancellation()
    let exchange = Exchange(bufferedBytes: self.configuration.bufferedBytes, mailbox: self.mailbox)
    try self.mailbox.begin(prepared, exchange) { descriptors throws(TransportError) in
      try TransferLoop.start(
        mailbox: self.mailbox, configuration: self.configuration, descriptors: descriptors)
    }
    defer { exchange.close() }
    return try await withTaskCancellationHandler {
      let head = try await exchange.head()
      let body = ResponseBody { try await exchange.nextChunk() }
      return try await handle(TransportResponse(head: head, body: body))
    } onCancel: {
      exchange.cancel()
    }
  }
}
