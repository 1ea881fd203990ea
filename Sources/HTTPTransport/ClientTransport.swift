/// Carries one HTTP exchange: a request with its bytes goes out, a response with a stream of bytes comes back.
///
/// There are two real implementations: `CurlTransport` speaks to the network, and the embedded API server answers in
/// process. Everything above this protocol runs unchanged on either.
public protocol ClientTransport: Sendable {
  /// Sends `request` and hands the response to `handle` as soon as its head has arrived.
  ///
  /// The body may be read inside `handle` only. When `handle` returns or throws, or the calling task is cancelled, the
  /// exchange ends at once and its connection is reused or closed.
  ///
  /// - Throws: ``TransportError`` for anything that went wrong on the way, and whatever `handle` throws.
  func withResponse<Result: Sendable>(
    to request: TransportRequest,
    _ handle: (TransportResponse) async throws -> Result
  ) async throws -> Result

  /// Sends `request` and reads the whole body, which may hold up to `request.limits.responseBytes` bytes.
  ///
  /// - Throws: ``TransportError`` for anything that went wrong on the way.
  func collect(_ request: TransportRequest) async throws -> CollectedResponse

  /// Where tasks run best that do little but ask, thousands of times a second; nil for no preference.
  ///
  /// Whatever keeps such a task busy keeps the exchanges of this transport waiting.
  var taskExecutor: (any TaskExecutor)? { get }
}

extension ClientTransport {
  /// No preference.
  public var taskExecutor: (any TaskExecutor)? { nil }

  /// Collects what ``withResponse(to:_:)`` hands over.
  public func collect(_ request: TransportRequest) async throws -> CollectedResponse {
    try await self.withResponse(to: request) { response in
      let body = try await response.body.collect(upTo: request.limits.responseBytes)
      return CollectedResponse(head: response.head, body: body)
    }
  }
}
