package import HTTPTransport
import HTTPTypes
package import KubernetesModel
import Synchronization
package import TestSupport

/// The sidecars and webhooks that the controllers talk to, as a test wants them.
package final class OutsideWorld: Sendable {
  package init() {}

  private struct State {
    /// Sidecars that permit deletion, by address; all others refuse.
    var permitting: Set<String> = []
    var permitsAll = false
    var shutdowns: Set<String> = []
    var replicas: Int64?
    var failure: TransportError?
    var reviews = 0
    var lastReview: TransportRequest?
    /// What the webhooks that say yes or no answer, by path, and what they were asked.
    var answers: [String: Bool] = [:]
    var asked: [(path: String, request: JSONValue)] = []
  }

  private let state = Mutex(State())

  package var shutdowns: Set<String> { self.state.withLock { $0.shutdowns } }
  package var reviews: Int { self.state.withLock { $0.reviews } }
  /// The last question of how many Servers there should be.
  package var lastReview: TransportRequest? { self.state.withLock { $0.lastReview } }

  package func permit(_ address: String) { self.state.withLock { _ = $0.permitting.insert(address) } }
  package func permitAll() { self.state.withLock { $0.permitsAll = true } }
  package func answer(replicas: Int64?) {
    self.state.withLock {
      $0.replicas = replicas
      $0.failure = nil
    }
  }
  /// Has the webhook of a path say yes or no; a path that nobody has set is not found.
  package func answer(_ path: String, _ allowed: Bool) { self.state.withLock { $0.answers[path] = allowed } }
  /// What the webhook of a path was asked, oldest first.
  package func asked(_ path: String) -> [JSONValue] {
    self.state.withLock { $0.asked.filter { $0.path == path }.map(\.request) }
  }
  package func fail(_ error: TransportError) { self.state.withLock { $0.failure = error } }

  package var transport: ScriptedTransport {
    ScriptedTransport { request, _ in
      let host = String(request.head.authority?.prefix { $0 != ":" } ?? "")
      switch (request.head.method, request.head.path) {
      case (.post, "/shutdown"):
        self.state.withLock { _ = $0.shutdowns.insert(host) }
        return .body(#"{"shutdown":true}"#)
      case (.get, "/allow_delete"):
        let allowed = self.state.withLock { $0.permitsAll || $0.permitting.contains(host) }
        return .body(#"{"allowed":\#(allowed)}"#)
      case (.post, "/scale"):
        let (replicas, failure) = self.state.withLock { state in
          state.reviews += 1
          state.lastReview = request
          return (state.replicas, state.failure)
        }
        if let failure { return .failure(failure) }
        let review = try JSONValue(parsing: request.body)
        let answer: JSONValue = [
          "response": [
            "uid": review["request"]?["uid"] ?? "", "allowed": true,
            "scaling": ["scale": .bool(replicas != nil), "desiredReplicas": .integer(replicas ?? 0)],
          ]
        ]
        return .body(String(decoding: answer.serialized(), as: UTF8.self))
      case (.post, let path?): return try self.review(request, at: path)
      default: return .body("", status: .notFound)
      }
    }
  }

  private func review(_ request: TransportRequest, at path: String) throws -> ScriptedTransport.Answer {
    let question = try JSONValue(parsing: request.body)["request"] ?? [:]
    let allowed = self.state.withLock { state in
      state.asked.append((path, question))
      return state.answers[path]
    }
    guard let allowed else { return .body("", status: .notFound) }
    let answer: JSONValue = ["response": ["uid": question["uid"] ?? "", "allowed": .bool(allowed)]]
    return .body(String(decoding: answer.serialized(), as: UTF8.self))
  }
}
