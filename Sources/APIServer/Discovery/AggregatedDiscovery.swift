import KubernetesModel

/// Everything that is served in two documents, instead of one for each group's version.
struct AggregatedDiscovery: Sendable {
  /// The form of the documents; clients name those that they read, in the order in which they like them.
  enum Form: String, Sendable, Hashable {
    case version2 = "v2"
    case version2beta1 = "v2beta1"

    /// The first form that an `Accept` field names; nil if it first names plain JSON, or none of these.
    init?(accept: String?) {
      for choice in (accept ?? "").split(separator: ",").prefix(20) {
        let parts = choice.split(separator: ";").map { $0.filter { $0 != " " } }
        guard let type = parts.first?.lowercased(), ["application/json", "application/*", "*/*"].contains(type) else {
          continue
        }
        if parts.count == 1 { return nil }
        guard parts.contains("g=apidiscovery.k8s.io"), parts.contains("as=APIGroupDiscoveryList") else { continue }
        for form in [Form.version2, .version2beta1] where parts.contains("v=\(form.rawValue)") {
          self = form
          return
        }
      }
      return nil
    }

    var contentType: String {
      "application/json;g=apidiscovery.k8s.io;v=\(self.rawValue);as=APIGroupDiscoveryList"
    }
  }

  let snapshot: ResourceRegistry.Snapshot
  let form: Form

  /// The core group.
  var core: JSONValue { self.list([self.group("", ["v1"])]) }

  /// Every other group.
  var groups: JSONValue { self.list(self.snapshot.groups.map { self.group($0.name, $0.versions) }) }

  private func list(_ items: [JSONValue]) -> JSONValue {
    [
      "kind": "APIGroupDiscoveryList", "apiVersion": .string("apidiscovery.k8s.io/\(self.form.rawValue)"),
      "metadata": .object([:]), "items": .array(items),
    ]
  }

  private func group(_ name: String, _ versions: [String]) -> JSONValue {
    var metadata: JSONValue = ["creationTimestamp": nil]
    if !name.isEmpty { metadata["name"] = .string(name) }
    let versions = versions.map { version -> JSONValue in
      let resources = self.snapshot.resources(group: name, version: version)
      return [
        "version": .string(version), "freshness": "Current", "resources": .array(resources.map(Self.resource)),
      ]
    }
    return ["metadata": metadata, "versions": .array(versions)]
  }

  private static func resource(_ resource: ServedResource) -> JSONValue {
    let names = resource.definition.names
    func strings(_ texts: [String]) -> JSONValue { .array(texts.map(JSONValue.string)) }
    var json: JSONValue = [
      "resource": .string(names.plural), "responseKind": resource.kindReference,
      "scope": resource.definition.isNamespaced ? "Namespaced" : "Cluster",
      "singularResource": .string(names.singular), "verbs": strings(resource.definition.verbs),
    ]
    if !names.shortNames.isEmpty { json["shortNames"] = strings(names.shortNames) }
    if !names.categories.isEmpty { json["categories"] = strings(names.categories) }
    let parts = resource.subresources.map { part -> JSONValue in
      [
        "subresource": .string(part.name), "verbs": strings(part.verbs),
        "responseKind": [
          "group": .string(part.groupVersion?.group ?? resource.group),
          "version": .string(part.groupVersion?.version ?? resource.version.name), "kind": .string(part.kind),
        ],
      ]
    }
    if !parts.isEmpty { json["subresources"] = .array(parts) }
    return json
  }
}
