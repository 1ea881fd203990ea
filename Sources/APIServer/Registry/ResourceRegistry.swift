import KubernetesModel
import Synchronization

/// The resources that are served at the moment: the built-in ones, and those of the established definitions.
final class ResourceRegistry: Sendable {
  /// One state of the registry; requests keep to the one that they began with.
  struct Snapshot: Sendable {
    /// By `plural.group`.
    fileprivate(set) var definitions: [String: ResourceDefinition] = [:]

    /// The resource that a path names, if it is served.
    func resource(group: String, version: String, plural: String) -> ServedResource? {
      let name = group.isEmpty ? plural : "\(plural).\(group)"
      guard let definition = self.definitions[name],
        let version = definition.versions.first(where: { $0.name == version && $0.isServed })
      else { return nil }
      return ServedResource(definition: definition, version: version)
    }

    /// The resource of a name in the store, in its storage version.
    func resource(storeResource: String) -> ServedResource? {
      self.definitions[storeResource].map { ServedResource(definition: $0, version: $0.storageVersion) }
    }

    /// Every group but the core one, with its versions in the order of preference.
    var groups: [(name: String, versions: [String])] {
      var versions: [String: Set<String>] = [:]
      for definition in self.definitions.values where !definition.group.isEmpty {
        for version in definition.versions where version.isServed {
          versions[definition.group, default: []].insert(version.name)
        }
      }
      return versions.sorted { $0.key < $1.key }.map { ($0.key, $0.value.sorted(by: VersionOrder.isPreferred)) }
    }

    /// The resources of a group and version, by plural.
    func resources(group: String, version: String) -> [ServedResource] {
      self.definitions.values.filter { $0.group == group }
        .compactMap { self.resource(group: group, version: version, plural: $0.names.plural) }
        .sorted { $0.definition.names.plural < $1.definition.names.plural }
    }
  }

  private let state: Mutex<Snapshot>

  /// Creates a registry of the built-in resources.
  init() {
    var snapshot = Snapshot()
    for definition in BuiltInResources.all { snapshot.definitions[definition.name] = definition }
    self.state = Mutex(snapshot)
  }

  var snapshot: Snapshot { self.state.withLock { $0 } }

  /// Serves the resource of a definition, or its new form.
  func add(_ definition: ResourceDefinition) {
    self.state.withLock { $0.definitions[definition.name] = definition }
  }

  /// Serves a custom resource no longer.
  func remove(storeResource: String) {
    self.state.withLock { state in
      guard let definition = state.definitions[storeResource], definition.traits.contains(.custom) else { return }
      state.definitions[storeResource] = nil
    }
  }
}

/// The order of versions: `v2`, `v1`, `v1beta2`, `v1alpha1`, then anything else by name.
enum VersionOrder {
  static func isPreferred(_ left: String, _ right: String) -> Bool {
    switch (self.rank(left), self.rank(right)) {
    case (let left?, let right?): left > right
    case (.some, nil): true
    case (nil, .some): false
    case (nil, nil): left < right
    }
  }

  private static func rank(_ version: String) -> (Int, Int, Int)? {
    guard version.first == "v" else { return nil }
    let rest = version.dropFirst()
    let major = rest.prefix { $0.isNumber }
    guard let number = Int(major) else { return nil }
    let suffix = rest.dropFirst(major.count)
    if suffix.isEmpty { return (3, number, 0) }
    for (stage, name) in [(2, "beta"), (1, "alpha")] where suffix.hasPrefix(name) {
      return Int(suffix.dropFirst(name.count)).map { (stage, number, $0) }
    }
    return nil
  }
}
