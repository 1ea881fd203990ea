import KubernetesModel

/// The claims of a service account's token, in the form of kube-apiserver.
struct ServiceAccountClaims: Sendable, Hashable {
  /// An object that the token is about.
  struct Reference: Sendable, Hashable {
    var name: String
    /// Empty for a node that did not exist.
    var uid: String

    init(name: String, uid: String) {
      self.name = name
      self.uid = uid
    }

    fileprivate init?(_ json: JSONValue?) {
      guard let name = json?["name"]?.stringValue, !name.isEmpty else { return nil }
      self.init(name: name, uid: json?["uid"]?.stringValue ?? "")
    }

    fileprivate var json: JSONValue {
      self.uid.isEmpty
        ? ["name": .string(self.name)] : ["name": .string(self.name), "uid": .string(self.uid)]
    }
  }

  /// The object whose deletion invalidates the token.
  enum Bound: Sendable, Hashable {
    /// A Pod, and the node that it was on.
    case pod(Reference, node: Reference?)
    case secret(Reference)
    case node(Reference)
  }

  var issuer: String
  var audiences: [String]
  /// Seconds since 1970, as are the other times.
  var issuedAt: Int64
  var expiresAt: Int64
  /// Tells tokens apart (`jti`).
  var identifier: String
  var namespace: String
  var account: Reference
  var bound: Bound?

  /// The claims as JSON.
  var json: JSONValue {
    var details: JSONValue = ["namespace": .string(self.namespace), "serviceaccount": self.account.json]
    switch self.bound {
    case .pod(let pod, let node):
      details["pod"] = pod.json
      details["node"] = node?.json
    case .secret(let secret): details["secret"] = secret.json
    case .node(let node): details["node"] = node.json
    case nil: ()
    }
    return [
      "aud": .array(self.audiences.map(JSONValue.string)), "exp": .integer(self.expiresAt),
      "iat": .integer(self.issuedAt), "iss": .string(self.issuer), "jti": .string(self.identifier),
      "kubernetes.io": details, "nbf": .integer(self.issuedAt), "sub": .string(self.name.username),
    ]
  }

  /// Reads the claims of a token; nil if they are not of this form.
  init?(_ json: JSONValue) {
    guard let issuer = json["iss"]?.stringValue, let issuedAt = json["iat"]?.integerValue,
      let expiresAt = json["exp"]?.integerValue, json["nbf"]?.integerValue ?? issuedAt == issuedAt,
      let details = json["kubernetes.io"], let namespace = details["namespace"]?.stringValue,
      let account = Reference(details["serviceaccount"])
    else { return nil }
    self.issuer = issuer
    // One audience may stand without a list.
    self.audiences =
      json["aud"]?.arrayValue?.compactMap(\.stringValue) ?? json["aud"]?.stringValue.map { [$0] } ?? []
    self.issuedAt = issuedAt
    self.expiresAt = expiresAt
    self.identifier = json["jti"]?.stringValue ?? ""
    self.namespace = namespace
    self.account = account
    let node = Reference(details["node"])
    if let pod = Reference(details["pod"]) {
      self.bound = .pod(pod, node: node)
    } else if let secret = Reference(details["secret"]) {
      self.bound = .secret(secret)
    } else if let node {
      self.bound = .node(node)
    }
    guard json["sub"]?.stringValue == self.name.username else { return nil }
  }

  /// Creates claims.
  init(
    issuer: String, audiences: [String], lifetime: Int64, identifier: String, account: APIObject, bound: Bound?,
    now: Timestamp
  ) {
    self.issuer = issuer
    self.audiences = audiences
    self.issuedAt = now.secondsSinceEpoch
    self.expiresAt = now.secondsSinceEpoch + lifetime
    self.identifier = identifier
    self.namespace = account.namespace ?? ""
    self.account = Reference(name: account.name ?? "", uid: account.uid ?? "")
    self.bound = bound
  }

  var name: ServiceAccountName { ServiceAccountName(namespace: self.namespace, name: self.account.name) }

  /// The user that the token stands for.
  var user: RequestUser {
    var extra: [String: [String]] = [:]
    func add(_ key: String, _ value: String) {
      if !value.isEmpty { extra["authentication.kubernetes.io/\(key)"] = [value] }
    }
    if !self.identifier.isEmpty { add("credential-id", "JTI=\(self.identifier)") }
    var node: Reference?
    switch self.bound {
    case .pod(let pod, let place):
      add("pod-name", pod.name)
      add("pod-uid", pod.uid)
      node = place
    case .node(let place): node = place
    case .secret, nil: ()
    }
    if let node {
      add("node-name", node.name)
      add("node-uid", node.uid)
    }
    return RequestUser(
      username: self.name.username, uid: self.account.uid, groups: self.name.groups + [RequestUser.authenticatedGroup],
      extra: extra)
  }
}
