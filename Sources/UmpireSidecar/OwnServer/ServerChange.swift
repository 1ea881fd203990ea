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
}
