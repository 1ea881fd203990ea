import KubernetesModel

/// What a deletion does to an object, as a function on values.
struct DeletionRules: Sendable {
  static let foregroundFinalizer = "foregroundDeletion"
  static let orphanFinalizer = "orphan"
  /// The last second of the year 9999.
  private static let lastSecond: Int64 = 253_402_300_799

  enum Decision: Sendable, Hashable {
    /// It goes at once.
    case remove
    /// It stays for now, like this.
    case mark(APIObject)
    /// Its deletion is under way already, and this request changes nothing.
    case unchanged
  }

  var resource: ServedResource
  var now: Timestamp

  /// Decides over an object.
  func decide(_ object: APIObject, _ options: DeleteOptions) -> Decision {
    var new = object
    new.finalizers = self.finalizers(of: object, options.propagation)
    if object.isTerminating {
      guard let granted = object.deletionGracePeriodSeconds else { return .unchanged }
      let requested = options.gracePeriodSeconds
      if let requested, requested < granted {
        let shortened = self.resource.version.rules.gracePeriod(deleting: object, requested: requested)
        new.deletionGracePeriodSeconds = shortened
        new.deletionTimestamp = self.time(after: shortened).description
      }
      if self.canGo(new), new.deletionGracePeriodSeconds ?? 0 == 0 { return .remove }
      return new == object ? .unchanged : .mark(new)
    }
    let grace = self.resource.version.rules.gracePeriod(deleting: object, requested: options.gracePeriodSeconds)
    if grace == 0, self.canGo(new) { return .remove }
    new.deletionTimestamp = self.time(after: grace).description
    new.deletionGracePeriodSeconds = grace
    if let generation = new.generation { new.generation = generation + 1 }
    if self.isNamespace { new.json["status"] = ["phase": "Terminating"] }
    return .mark(new)
  }

  /// An object as it is when it goes at once.
  func lastState(of object: APIObject, _ options: DeleteOptions) -> APIObject {
    guard self.resource.definition.traits.contains(.gracefulDeletion) else { return object }
    var last = object
    let isFirst = !object.isTerminating
    if isFirst, let generation = last.generation { last.generation = generation + 1 }
    if isFirst || last.deletionGracePeriodSeconds != 0 { last.deletionTimestamp = self.now.description }
    last.deletionGracePeriodSeconds = 0
    return last
  }

  /// Whether an object that an update has changed goes now: it is being deleted and nothing holds it any more.
  func goesAfterUpdate(_ new: APIObject) -> Bool {
    new.isTerminating && new.deletionGracePeriodSeconds ?? 0 == 0 && self.canGo(new)
  }

  /// The time at which a grace period is over, which is at the end of the times that can be written at the latest.
  private func time(after grace: Int64) -> Timestamp {
    let left = max(0, Self.lastSecond - self.now.secondsSinceEpoch)
    return self.now.advanced(by: .seconds(min(grace, left)))
  }

  private var isNamespace: Bool { self.resource.definition.storeResource == BuiltInResources.namespaces }

  private func canGo(_ object: APIObject) -> Bool {
    guard object.finalizers.isEmpty else { return false }
    return !self.isNamespace || (object[path: "spec.finalizers"]?.arrayValue ?? []).isEmpty
  }

  private func finalizers(of object: APIObject, _ propagation: DeleteOptions.Propagation?) -> [String] {
    guard let propagation else { return object.finalizers }
    var finalizers = object.finalizers.filter { $0 != Self.foregroundFinalizer && $0 != Self.orphanFinalizer }
    switch propagation {
    case .background: ()
    case .foreground: finalizers.append(Self.foregroundFinalizer)
    case .orphan: finalizers.append(Self.orphanFinalizer)
    }
    return finalizers
  }
}
