import KubernetesModel

/// A question whether somebody may do something, of one of three kinds, as a function on values.
struct AccessReview: Sendable {
  enum Kind: Sendable, Hashable {
    /// SubjectAccessReview: about anybody.
    case anyone
    /// LocalSubjectAccessReview: about anybody, in one namespace.
    case inNamespace(String)
    /// SelfSubjectAccessReview: about who asks.
    case oneself
  }

  var kind: Kind
  var spec: JSONValue

  /// What is wrong with the question.
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

  /// Whom the question is about.
  func user(asking user: RequestUser) -> RequestUser {
    guard self.kind != .oneself else { return user }
    return RequestUser(
      username: self.spec["user"]?.stringValue ?? "", uid: self.spec["uid"]?.stringValue ?? "", groups: self.groups,
      extra: (self.spec["extra"]?.objectValue ?? [:]).mapValues { $0.arrayValue?.compactMap(\.stringValue) ?? [] })
  }

  /// What the question is about.
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
