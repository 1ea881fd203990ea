import APIServer
import HTTPTransport
import HTTPTypes
import KubernetesClient
import KubernetesModel
import Logging
import Synchronization

@testable import KubernetesRuntime

let silentLogger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

/// What happened, in order.
final class Journal: Sendable {
  private let lines = Mutex<[String]>([])
  func note(_ line: String) { self.lines.withLock { $0.append(line) } }
  var all: [String] { self.lines.withLock { $0 } }
}

/// The embedded server behind a line that a test can break.
final class BreakableTransport: ClientTransport {
  private struct State {
    var isRefusing = false
    var refusals = 0
    /// Streams of an earlier generation break.
    var generation = 0
    var requests: [String] = []
    var bookmarks: [String] = []
  }

  private let server: EmbeddedAPIServer
  private let state = Mutex(State())

  init(_ server: EmbeddedAPIServer) { self.server = server }

  /// Paths and queries of the requests that came through.
  var requests: [String] { self.state.withLock { $0.requests } }

  /// The bookmarks that came through.
  var bookmarks: [String] { self.state.withLock { $0.bookmarks } }

  /// Refuses every request, or lets them through again.
  func refuse(_ isRefusing: Bool) { self.state.withLock { $0.isRefusing = isRefusing } }

  /// How many requests were refused.
  var refusals: Int { self.state.withLock { $0.refusals } }

  /// Breaks every stream that is open, at once.
  func breakStreams() { self.state.withLock { $0.generation += 1 } }

  func withResponse<Result: Sendable>(
    to request: TransportRequest, _ handle: (TransportResponse) async throws -> Result
  ) async throws -> Result {
    let generation: Int? = self.state.withLock { state in
      guard !state.isRefusing else {
        state.refusals += 1
        return nil
      }
      state.requests.append(request.head.path ?? "")
      return state.generation
    }
    guard let generation else { throw TransportError(.connect, "cut off", progress: .nothingSent) }
    return try await self.server.withResponse(to: request) { response in
      let source = response.body
      let body = ResponseBody { try await self.chunk(of: source, generation) }
      return try await handle(TransportResponse(head: response.head, body: body))
    }
  }

  private func chunk(of body: ResponseBody, _ generation: Int) async throws -> [UInt8]? {
    try await withThrowingTaskGroup(of: [UInt8]?.self) { group in
      group.addTask {
        // An iterator has no state of its own.
        var iterator = body.makeAsyncIterator()
        return try await iterator.next()
      }
      group.addTask {
        while self.state.withLock({ $0.generation == generation }) { try await Task.sleep(for: .milliseconds(2)) }
        throw TransportError(.connectionBroken, "broken", progress: .answerBegun)
      }
      defer { group.cancelAll() }
      let chunk = try await group.next() ?? nil
      // What is on its way when the line breaks is lost.
      guard self.state.withLock({ $0.generation == generation }) else {
        throw TransportError(.connectionBroken, "broken", progress: .answerBegun)
      }
      let text = String(decoding: chunk ?? [], as: UTF8.self)
      if text.contains("\"BOOKMARK\"") { self.state.withLock { $0.bookmarks.append(text) } }
      return chunk
    }
  }
}
