import HTTPTransport
import Synchronization

/// Counts requests and the bytes of their answers.
final class CountingTransport: ClientTransport {
  struct Count: Sendable {
    var requests = 0
    var bytes = 0
  }

  private let base: any ClientTransport
  private let state = Mutex(Count())

  init(_ base: any ClientTransport) { self.base = base }

  var count: Count { self.state.withLock { $0 } }

  func withResponse<Result: Sendable>(
    to request: TransportRequest, _ handle: (TransportResponse) async throws -> Result
  ) async throws -> Result {
    self.state.withLock { $0.requests += 1 }
    return try await self.base.withResponse(to: request) { response in
      let body = response.body
      let counted = ResponseBody {
        // The body is one stream, whichever iterator asks for the next chunk.
        var chunks = body.makeAsyncIterator()
        let chunk = try await chunks.next()
        self.state.withLock { $0.bytes += chunk?.count ?? 0 }
        return chunk
      }
      return try await handle(TransportResponse(head: response.head, body: counted))
    }
  }
}
