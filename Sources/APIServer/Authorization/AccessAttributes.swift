import HTTPTypes

/// The action of a request, as roles authorize it.
struct AccessAttributes: Sendable, Hashable {
  /// The target of an action: a resource, or a path that belongs to no resource.
  enum Target: Sendable, Hashable {
    case resource(ResourceTarget)
    case path(String)
  }

  /// A resource, one of its objects, or a part of one.
  struct ResourceTarget: Sendable, Hashable {
    /// Empty for the core group.
    var group = ""
    /// The plural.
    var resource: String
    /// Empty for the object as a whole.
    var subresource = ""
    /// Empty for all objects, and for one that is to be created.
    var name = ""
    /// Empty for all namespaces, and for resources without one.
    var namespace = ""

    /// The resource as rules name it: `pods`, `pods/log`.
    var combined: String { self.subresource.isEmpty ? self.resource : "\(self.resource)/\(self.subresource)" }
  }

  /// Such as `get`, `list` or `impersonate`.
  var verb: String
  var target: Target

  init(_ verb: String, _ target: ResourceTarget) {
    self.verb = verb
    self.target = .resource(target)
  }

  init(_ verb: String, path: String) {
    self.verb = verb
    self.target = .path(path)
  }

  /// The namespace whose bindings count besides those of the cluster; empty for none.
  var namespace: String {
    if case .resource(let target) = self.target { target.namespace } else { "" }
  }
}

extension AccessAttributes {
  /// Reads the action from a request for a resource.
  init(_ method: HTTPRequest.Method, _ path: ResourcePath, _ query: RequestQuery) {
    var target = ResourceTarget(
      group: path.group, resource: path.plural, subresource: path.subresource ?? "", name: path.name ?? "",
      namespace: path.namespace ?? "")
    // A namespace counts as its own namespace, so that a Role in it can grant access to it.
    if path.group.isEmpty, path.plural == BuiltInResources.namespaces, let name = path.name { target.namespace = name }
    let isCollection = path.name == nil
    if isCollection, method != .post, let name = Self.onlyName(query) { target.name = name }
    let verb =
      switch method {
      case .get, .head: isCollection ? (query.flag("watch") == true ? "watch" : "list") : "get"
      case .post: "create"
      case .put: "update"
      case .patch: "patch"
      case .delete: isCollection ? "deletecollection" : "delete"
      default: method.rawValue.lowercased()
      }
    self.init(verb, target)
  }

  /// The one name that a field selector leaves; nil if it leaves any.
  private static func onlyName(_ query: RequestQuery) -> String? {
    guard let selector = query["fieldSelector"] else { return nil }
    let prefix = "metadata.name="
    let names = selector.split(separator: ",").filter { $0.hasPrefix(prefix) }
      .map { $0.dropFirst(prefix.count).drop { $0 == "=" } }
    return names.count == 1 ? String(names[0]) : nil
  }
}
