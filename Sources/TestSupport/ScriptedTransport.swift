package import HTTPTransport
package import HTTPTypes
import Synchronization

/// A transport that answers in memory as a test says, and remembers what it was asked.
///
/// ```swift
/// let transport = ScriptedTransport { request, count in
///   count == 1 ? .failure(TransportError(.connectionBroken, "gone", progress: .noAnswer)) : .body("{}")
/// }
/// ```
package final class ScriptedTransport: ClientTransport {
  /// What comes back.
  package struct Answer: Sendable {
    /// Status and fields; nil if no head comes at all.
    package var head: HTTPResponse?
    /// The body, as it arrives.
    package var chunks: [[UInt8]]
    /// What breaks the exchange once all of the above has arrived.
    package var failure: TransportError?

    /// A whole response.
    package static func body(
      _ text: String, status: HTTPResponse.Status = .ok, fields: HTTPFields = [:]
    ) -> Answer {
      Answer(head: HTTPResponse(status: status, headerFields: fields), chunks: [Array(text.utf8)])
    }

    /// A whole response in pieces.
    package static func chunks(_ chunks: [[UInt8]], status: HTTPResponse.Status = .ok) -> Answer {
      Answer(head: HTTPResponse(status: status), chunks: chunks)
    }

    /// A failure before the head.
    package static func failure(_ error: TransportError) -> Answer {
      Answer(head: nil, chunks: [], failure: error)
    }
  }

  private let recorded = Mutex<[TransportRequest]>([])
  private let script: @Sendable (TransportRequest, Int) async throws -> Answer

  /// Creates a transport; `script` is given each request and how many there have been, this one included.
  package init(_ script: @escaping @Sendable (TransportRequest, Int) async throws -> Answer) {
    self.script = script
  }

  /// Every request so far.
  package var requests: [TransportRequest] { self.recorded.withLock { $0 } }

  /// Answers as the script says.
  package func withResponse<Result: Sendable>(
    to request: TransportRequest,
    _ handle: (TransportResponse) async throws -> Result
  ) async throws -> Result {
    let count = self.recorded.withLock { requests in
      requests.append(request)
      return requests.count
    }
    let answer = try await self.script(request, count)
    guard let head = answer.head else {
      throw answer.failure ?? TransportError(.malformedResponse, "the script has no head")
    }
    let remaining = Mutex(answer.chunks[...])
    let body = ResponseBody {
      if let chunk = remaining.withLock({ $0.popFirst() }) { return chunk }
      if let failure = answer.failure { throw failure }
      return nil
    }
    return try await handle(TransportResponse(head: head, body: body))
  }
}
