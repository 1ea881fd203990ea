import KubernetesModel
import UmpireModel

/// One thing about a Server that its game changes.
package enum ServerChange: Sendable, Hashable {
  /// Sets a label; the key is whole, with its prefix.
  case label(key: String, value: String)
  /// Sets an annotation; the key is whole, with its prefix.
  case annotation(key: String, value: String)
  /// Sets a condition of the status.
  case condition(type: String, isTrue: Bool, reason: String)

  /// What it changes, without what it changes it to.
  package enum Subject: Sendable, Hashable {
    case label(String)
    case annotation(String)
    case condition(String)
  }

  /// What it changes.
  package var subject: Subject {
    switch self {
    case .label(let key, _): .label(key)
    case .annotation(let key, _): .annotation(key)
    case .condition(let type, _, _): .condition(type)
    }
  }

  /// Whether a Server is so already, whoever made it so.
  func isMade(on server: Server) -> Bool {
    switch self {
    case .label(let key, let value): server.metadata.labels?[key] == value
    case .annotation(let key, let value): server.metadata.annotations?[key] == value
    case .condition(let type, let isTrue, _):
      server.status?.conditions[type: type].map {
        $0.status == .init(isTrue) && server.status?.isOfPresentLife($0) == true
      } ?? false
    }
  }

  /// The condition that it sets; nil if it sets none.
  func condition(on server: Server) -> Condition? {
    guard case .condition(let type, let isTrue, let reason) = self else { return nil }
    var condition = Condition(
      type: type, status: .init(isTrue), reason: reason, message: "", observedGeneration: server.metadata.generation)
    condition.observedRestarts = server.status?.gameRestarts
    return condition
  }

  /// The Server with the change made, as the API server would make it.
  func made(on server: Server, now: Timestamp) -> Server {
    var server = server
    switch self {
    case .label(let key, let value):
      server.metadata.labels = (server.metadata.labels ?? [:]).merging([key: value]) { $1 }
    case .annotation(let key, let value):
      server.metadata.annotations = (server.metadata.annotations ?? [:]).merging([key: value]) { $1 }
    case .condition:
      guard var condition = self.condition(on: server) else { return server }
      condition.lastTransitionTime = now
      var status = server.status ?? ServerStatus()
      if let index = status.conditions.firstIndex(where: { $0.type == condition.type }) {
        status.conditions[index] = condition
      } else {
        status.conditions.append(condition)
      }
      server.status = status
    }
    return server
  }
}
