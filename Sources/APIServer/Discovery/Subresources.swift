/// A part of a resource's objects that has a path of its own.
struct DiscoveredSubresource: Sendable, Hashable {
  var name: String
  var kind: String
  var verbs: [String]
  /// Where it is not that of the resource.
  var groupVersion: GroupVersion?
}

extension ServedResource {
  /// The parts of the resource's objects, in the order in which discovery lists them.
  var subresources: [DiscoveredSubresource] {
    var parts: [DiscoveredSubresource] = []
    let verbs = ["get", "patch", "update"]
    if self.version.hasStatus { parts.append(.init(name: "status", kind: self.kind, verbs: verbs)) }
    if self.version.scale != nil {
      let group = GroupVersion(group: "autoscaling", version: "v1")
      parts.append(.init(name: "scale", kind: "Scale", verbs: verbs, groupVersion: group))
    }
    switch self.definition.name {
    case BuiltInResources.pods:
      parts.append(.init(name: "binding", kind: "Binding", verbs: ["create"]))
      let policy = GroupVersion(group: "policy", version: "v1")
      parts.append(.init(name: "eviction", kind: "Eviction", verbs: ["create"], groupVersion: policy))
      parts.append(.init(name: "log", kind: "Pod", verbs: ["get"]))
    case BuiltInResources.serviceAccounts:
      let group = GroupVersion(group: "authentication.k8s.io", version: "v1")
      parts.append(.init(name: "token", kind: "TokenRequest", verbs: ["create"], groupVersion: group))
    case BuiltInResources.namespaces:
      parts.append(.init(name: "finalize", kind: "Namespace", verbs: ["update"]))
    default: ()
    }
    return parts
  }
}
