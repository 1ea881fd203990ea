import Glibc
package import HTTPTransport
package import Metrics

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
  private let ledger: ConnectionLedger

  /// Creates a transport.
  ///
  /// No thread and no descriptor exists before the first request.
  package init(
    configuration: Configuration = Configuration(), metricsFactory: any MetricsFactory = MetricsSystem.factory
  ) {
    self.configuration = configuration
    self.ledger = ConnectionLedger(factory: metricsFactory)
  }

  /// How many connections there were and are.
  package var statistics: Statistics { self.ledger.statistics }

  /// The thread that carries the exchanges, from the first request on.
  ///
  /// A task that runs there is in nobody's way as long as it hardly does more than ask and read what is answered.
  package var taskExecutor: (any TaskExecutor)? { self.mailbox }

  deinit {
    self.mailbox.close()
    // The last reference may have gone on the thread itself.
    if let thread = self.mailbox.takeThread() { pthread_detach(thread) }
  }

  /// Ends the thread and closes every connection; both is done when this returns.
  ///
  /// Running exchanges fail with `closed`, and so does every later request. A process that exits while connections are
  /// still being closed has libssl taken from under them, and dies of it.
  package func shutdown() {
    self.mailbox.close()
    guard let thread = self.mailbox.takeThread() else { return }
    if pthread_equal(thread, pthread_self()) != 0 {
      pthread_detach(thread)
    } else {
      pthread_join(thread, nil)
    }
  }

  /// Sends `request` and hands the response to `handle` as soon as its head has arrived.
  ///
  /// - Throws: `TransportError` for anything that went wrong on the way, `CancellationError` when the calling task was
  ///   cancelled, and whatever `handle` throws.
  package func withResponse<Result: Sendable>(
    to request: TransportRequest,
    _ handle: (TransportResponse) async throws -> Result
  ) async throws -> Result {
    let exchange = try self.begin(request, .chunks(bufferedBytes: self.configuration.bufferedBytes))
    defer { exchange.close() }
    return try await withTaskCancellationHandler {
      let head = try await exchange.head()
      let body = ResponseBody { try await exchange.nextChunk() }
      return try await handle(TransportResponse(head: head, body: body))
    } onCancel: {
      exchange.cancel()
    }
  }

  /// Sends `request` and waits for the end of the answer, of which the calling task hears only once.
  ///
  /// - Throws: `TransportError` for anything that went wrong on the way, `CancellationError` when the calling task was
  ///   cancelled.
  package func collect(_ request: TransportRequest) async throws -> CollectedResponse {
    let exchange = try self.begin(request, .whole(limit: request.limits.responseBytes))
    defer { exchange.close() }
    return try await withTaskCancellationHandler {
      try await exchange.whole()
    } onCancel: {
      exchange.cancel()
    }
  }

  private func begin(_ request: TransportRequest, _ delivery: Exchange.Delivery) throws -> Exchange {
    let exchange = Exchange(try PreparedRequest(request), delivery, mailbox: self.mailbox)
    try Task.checkCancellation()
    try self.mailbox.begin(exchange) { descriptors throws(TransportError) in
      try TransferLoop.start(.init(self.mailbox, self.configuration, self.ledger, descriptors))
    }
    return exchange
  }
}
