/// What a path asks for.
enum Route: Sendable, Hashable {
  /// `/healthz`, `/livez`, `/readyz`, and their parts.
  case health
  case version
  /// `/api`: the versions of the core group.
  case coreVersions
  /// `/apis`: every other group.
  case groups
  /// `/apis/GROUP`
  case group(String)
  /// `/api/VERSION` and `/apis/GROUP/VERSION`: the resources; the core group's name is empty.
  case resources(group: String, version: String)
  case resource(ResourcePath)
  /// `/openapi/v3`: the documents that there are.
  case openAPIIndex
  /// `/openapi/v3/api/VERSION` and `/openapi/v3/apis/GROUP/VERSION`: the document of a group's version.
  case openAPI(GroupVersion)
  /// `/openapi/v2`: the document of everything.
  case openAPIVersion2
  /// `/.well-known/openid-configuration`: the issuer of service account tokens.
  case issuer
  /// `/openid/v1/jwks`: the key that verifies their signatures.
  case issuerKeys
  case unknown

  /// Reads a path.
  init(path: String) {
    let parts = path.split(separator: "/").map { RequestQuery.decoded($0, plusIsSpace: false) }
    switch parts.first {
    case "healthz", "livez", "readyz": self = .health
    case "version": self = parts.count == 1 ? .version : .unknown
    case "api": self = Self.core(parts.dropFirst())
    case "apis": self = Self.named(parts.dropFirst())
    case ".well-known": self = parts == [".well-known", "openid-configuration"] ? .issuer : .unknown
    case "openid": self = parts == ["openid", "v1", "jwks"] ? .issuerKeys : .unknown
    case "openapi": self = Self.openAPI(parts.dropFirst())
    default: self = .unknown
    }
  }

  private static func core(_ parts: ArraySlice<String>) -> Route {
    guard let version = parts.first else { return .coreVersions }
    guard parts.count > 1 else { return .resources(group: "", version: version) }
    return ResourcePath(group: "", version: version, parts.dropFirst()).map(Route.resource) ?? .unknown
  }

  private static func openAPI(_ parts: ArraySlice<String>) -> Route {
    if Array(parts) == ["v2"] { return .openAPIVersion2 }
    guard parts.first == "v3" else { return .unknown }
    let rest = Array(parts.dropFirst())
    switch (rest.first, rest.count) {
    case (nil, _): return .openAPIIndex
    case ("api", 2): return .openAPI(GroupVersion(group: "", version: rest[1]))
    case ("apis", 3): return .openAPI(GroupVersion(group: rest[1], version: rest[2]))
    default: return .unknown
    }
  }

  private static func named(_ parts: ArraySlice<String>) -> Route {
    guard let group = parts.first else { return .groups }
    guard let version = parts.dropFirst().first else { return .group(group) }
    guard parts.count > 2 else { return .resources(group: group, version: version) }
    return ResourcePath(group: group, version: version, parts.dropFirst(2)).map(Route.resource) ?? .unknown
  }
}

/// The resource, and maybe the object and its part, that a path names.
struct ResourcePath: Sendable, Hashable {
  /// Empty for the core group.
  var group: String
  var version: String
  var namespace: String?
  var plural: String
  var name: String?
  var subresource: String?

  init(
    group: String, version: String, namespace: String? = nil, plural: String, name: String? = nil,
    subresource: String? = nil
  ) {
    self.group = group
    self.version = version
    self.namespace = namespace
    self.plural = plural
    self.name = name
    self.subresource = subresource
  }

  /// Reads what follows group and version; nil if it is too long.
  fileprivate init?(group: String, version: String, _ parts: ArraySlice<String>) {
    var rest = parts
    self.group = group
    self.version = version
    // `namespaces/NAME` and its parts `status` and `finalize` are the namespace itself.
    let isNamespaceItself =
      group.isEmpty && (rest.count <= 2 || (rest.count == 3 && ["status", "finalize"].contains(rest.last!)))
    if rest.first == "namespaces", rest.count > 2, !isNamespaceItself {
      self.namespace = rest[rest.startIndex + 1]
      rest = rest.dropFirst(2)
    }
    guard let plural = rest.popFirst() else { return nil }
    self.plural = plural
    self.name = rest.popFirst()
    self.subresource = rest.popFirst()
    guard rest.isEmpty else { return nil }
  }
}
