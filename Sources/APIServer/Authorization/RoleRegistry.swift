import Synchronization

/// The roles and bindings of the moment.
final class RoleRegistry: Sendable {
  private let state = Mutex(RolePolicy())

  /// Requests keep to the one that they began with.
  var snapshot: RolePolicy { self.state.withLock { $0 } }

  /// Follows a change of a role or a binding, in the order of the changes.
  func follow(_ event: StoreEvent) {
    guard RolePolicy.resources.contains(event.object.key.resource) else { return }
    // An unreadable role grants nothing; reading the object itself reports the damage.
    let object = event.kind == .deleted ? nil : try? event.object.decoded()
    self.state.withLock { $0.set(event.object.key, object) }
  }
}
