import KubernetesModel

/// An access review of one of three kinds.
struct AccessReview: Sendable {
  enum Kind: Sendable, Hashable {
    /// SubjectAccessReview: about any user.
    case anyone
    /// LocalSubjectAccessReview: about any user, in one namespace.
    case inNamespace(String)
    /// SelfSubjectAccessReview: about the requesting user.
    case oneself
  }

  var kind: Kind
  var spec: JSONValue

  /// Returns the faults of the review.
  func faults(metadata: JSONValue) -> [FieldFault] {
    var faults: [FieldFault] = []
    let resource = self.spec["resourceAttributes"] ?? .null
    let path = self.spec["nonResourceAttributes"] ?? .null
    if resource != .null, path != .null {
      faults.append(
        .invalid("spec.nonResourceAttributes", path, "cannot be specified in combination with resourceAttributes"))
    }
    if resource == .null, path == .null {
      faults.append(
        .invalid(
          "spec.resourceAttributes", .null,
          "exactly one of nonResourceAttributes or resourceAttributes must be specified"))
    }
    if self.kind != .oneself, (self.spec["user"]?.stringValue ?? "").isEmpty, self.groups.isEmpty {
      faults.append(.invalid("spec.user", "", "at least one of user or group must be specified"))
    }
    var rest = metadata
    rest["managedFields"] = nil
    if case .inNamespace(let namespace) = self.kind {
      rest["namespace"] = nil
      if resource != .null, resource["namespace"]?.stringValue ?? "" != namespace {
        faults.append(
          .invalid("spec.resourceAttributes.namespace", resource["namespace"] ?? "", "must match metadata.namespace"))
      }
      if path != .null {
        faults.append(.invalid("spec.nonResourceAttributes", path, "disallowed on this kind of request"))
      }
    }
    if rest != .object([:]) {
      let detail = self.kind.isLocal ? "must be empty except for namespace" : "must be empty"
      faults.append(.invalid("metadata", metadata, detail))
    }
    return faults
  }

  private var groups: [String] { self.spec["groups"]?.arrayValue?.compactMap(\.stringValue) ?? [] }

  /// Returns the user that the review is about.
  func user(asking user: RequestUser) -> RequestUser {
    guard self.kind != .oneself else { return user }
    return RequestUser(
      username: self.spec["user"]?.stringValue ?? "", uid: self.spec["uid"]?.stringValue ?? "", groups: self.groups,
      extra: (self.spec["extra"]?.objectValue ?? [:]).mapValues { $0.arrayValue?.compactMap(\.stringValue) ?? [] })
  }

  /// The action that the review is about.
  var attributes: AccessAttributes {
    if let path = self.spec["nonResourceAttributes"], path != .null {
      return AccessAttributes(path["verb"]?.stringValue ?? "", path: path["path"]?.stringValue ?? "")
    }
    let resource = self.spec["resourceAttributes"] ?? .null
    func text(_ field: String) -> String { resource[field]?.stringValue ?? "" }
    return AccessAttributes(
      text("verb"),
      AccessAttributes.ResourceTarget(
        group: text("group"), resource: text("resource"), subresource: text("subresource"), name: text("name"),
        namespace: text("namespace")))
  }

  /// The answer's status.
  static func status(_ decision: AccessDecision) -> JSONValue {
    var status: JSONValue = ["allowed": .bool(decision.isAllowed)]
    if !decision.reason.isEmpty { status["reason"] = .string(decision.reason) }
    return status
  }
}

extension AccessReview.Kind {
  fileprivate var isLocal: Bool { if case .inNamespace = self { true } else { false } }
}
