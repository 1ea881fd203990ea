import HTTPTransport
import HTTPTypes
import Logging

@testable import ServerSupport

/// A transport that answers with a closure.
struct ClosureTransport: ClientTransport {
  var answer: @Sendable (TransportRequest) async throws -> TransportResponse

  func withResponse<Result: Sendable>(
    to request: TransportRequest, _ handle: (TransportResponse) async throws -> Result
  ) async throws -> Result {
    try await handle(try await self.answer(request))
  }
}

extension TransportResponse {
  /// A short response with an announced length.
  static func text(_ text: String) -> TransportResponse {
    let (stream, source) = AsyncStream.makeStream(of: String.self)
    source.yield(text)
    source.finish()
    var response = TransportResponse.stream(stream)
    response.head.headerFields[.contentLength] = String(text.utf8.count)
    return response
  }

  /// A response without an announced length.
  static func stream(_ chunks: AsyncStream<String>) -> TransportResponse {
    TransportResponse(
      head: HTTPResponse(status: .ok),
      body: ResponseBody {
        var iterator = chunks.makeAsyncIterator()
        let next = await iterator.next()
        try Task.checkCancellation()
        return next.map { Array($0.utf8) }
      })
  }
}

extension Logger {
  /// A logger that drops everything.
  static let silent = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
}

/// Runs `body` with the port of a listener that serves `transport`, and stops it afterwards.
func withListener(
  _ transport: any ClientTransport, certificate: ServerCertificate? = nil, limits: ServerLimits = ServerLimits(),
  _ body: @escaping @Sendable (_ port: Int) async throws -> Void
) async throws {
  let (ports, port) = AsyncStream.makeStream(of: Int.self)
  let listener = TransportListener(
    serving: transport, host: "127.0.0.1", port: 0, certificate: certificate, limits: limits, logger: .silent
  ) {
    port.yield($1)
    port.finish()
  }
  try await withThrowingTaskGroup(of: Void.self) { group in
    group.addTask { try await listener.run() }
    for await port in ports { try await body(port) }
    group.cancelAll()
    try await group.waitForAll()
  }
}
