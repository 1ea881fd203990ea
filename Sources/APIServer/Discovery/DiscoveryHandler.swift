import KubernetesModel

/// Answers what the server serves.
struct DiscoveryHandler: Sendable {
  let snapshot: ResourceRegistry.Snapshot

  var version: JSONValue {
    [
      "major": "1", "minor": "36", "gitVersion": "v1.36.0-umpire", "gitCommit": "", "gitTreeState": "clean",
      "buildDate": "1970-01-01T00:00:00Z", "goVersion": "none", "compiler": "swift", "platform": "linux",
    ]
  }

  var coreVersions: JSONValue {
    [
      "kind": "APIVersions", "versions": ["v1"],
      "serverAddressByClientCIDRs": [["clientCIDR": "0.0.0.0/0", "serverAddress": ""]],
    ]
  }

  var groups: JSONValue {
    [
      "kind": "APIGroupList", "apiVersion": "v1",
      "groups": .array(self.snapshot.groups.map { Self.group($0.name, $0.versions) }),
    ]
  }

  func group(_ name: String) -> JSONValue? {
    guard let group = self.snapshot.groups.first(where: { $0.name == name }) else { return nil }
    var json = Self.group(group.name, group.versions)
    json["kind"] = "APIGroup"
    json["apiVersion"] = "v1"
    return json
  }

  private static func group(_ name: String, _ versions: [String]) -> JSONValue {
    let list = versions.map { version -> JSONValue in
      ["groupVersion": .string("\(name)/\(version)"), "version": .string(version)]
    }
    return ["name": .string(name), "versions": .array(list), "preferredVersion": list[0]]
  }

  func resources(group: String, version: String) -> JSONValue? {
    let resources = self.snapshot.resources(group: group, version: version)
    guard !resources.isEmpty else { return nil }
    return [
      "kind": "APIResourceList", "apiVersion": "v1",
      "groupVersion": .string(group.isEmpty ? version : "\(group)/\(version)"),
      "resources": .array(resources.flatMap(Self.entries)),
    ]
  }

  /// A resource and its subresources.
  private static func entries(_ resource: ServedResource) -> [JSONValue] {
    let names = resource.definition.names
    let isNamespaced = JSONValue.bool(resource.definition.isNamespaced)
    func strings(_ texts: [String]) -> JSONValue { .array(texts.map(JSONValue.string)) }
    var main: JSONValue = [
      "name": .string(names.plural), "singularName": .string(names.singular), "namespaced": isNamespaced,
      "kind": .string(names.kind), "verbs": strings(resource.definition.verbs),
    ]
    if !names.shortNames.isEmpty { main["shortNames"] = strings(names.shortNames) }
    if !names.categories.isEmpty { main["categories"] = strings(names.categories) }
    var entries = [main]
    for part in resource.subresources {
      var entry: JSONValue = [
        "name": .string("\(names.plural)/\(part.name)"), "singularName": "", "namespaced": isNamespaced,
        "kind": .string(part.kind), "verbs": strings(part.verbs),
      ]
      entry["group"] = (part.groupVersion?.group).map(JSONValue.string)
      entry["version"] = (part.groupVersion?.version).map(JSONValue.string)
      entries.append(entry)
    }
    return entries
  }
}
