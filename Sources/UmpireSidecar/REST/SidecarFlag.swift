import UmpireModel

/// What the game server and the controller tell one another through the sidecar.
package enum SidecarFlag: String, Sendable, Hashable, CaseIterable {
  /// The game permits that its Server is deleted.
  case deleteAllowed
  /// The game is asked to end its match.
  case shutdownRequested

  /// The path under which it is read and set.
  package var path: String {
    switch self {
    case .deleteAllowed: "/allow_delete"
    case .shutdownRequested: "/shutdown"
    }
  }

  /// The field of its JSON document.
  package var field: String {
    switch self {
    case .deleteAllowed: "allowed"
    case .shutdownRequested: "shutdown"
    }
  }

  /// The type of the Server's condition that keeps it.
  package var conditionType: String {
    switch self {
    case .deleteAllowed: ConditionTypes.deleteAllowed
    case .shutdownRequested: ConditionTypes.shutdownRequested
    }
  }

  /// The condition's reason.
  package func reason(for value: Bool) -> String {
    switch self {
    case .deleteAllowed: value ? "AllowedByGameServer" : "NotAllowedByGameServer"
    case .shutdownRequested: value ? "AskedToShutDown" : "NotAskedToShutDown"
    }
  }

  /// The change that sets it.
  package func change(to value: Bool) -> ServerChange {
    .condition(type: self.conditionType, isTrue: value, reason: self.reason(for: value))
  }
}

/// The value of every flag.
package struct SidecarFlags: Sendable, Hashable {
  private var raised: Set<SidecarFlag> = []

  /// Creates flags of which none is raised.
  package init() {}

  /// Whether a flag is raised.
  package subscript(flag: SidecarFlag) -> Bool {
    get { self.raised.contains(flag) }
    set {
      if newValue { self.raised.insert(flag) } else { self.raised.remove(flag) }
    }
  }
}
