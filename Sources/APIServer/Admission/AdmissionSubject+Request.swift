import CommonExpressionLanguage
import KubernetesModel

/// The request of a question, without the objects.
extension AdmissionSubject {
  /// The request as webhooks and their conditions see it, in the version of a resource; absent fields are left out.
  func request(_ asked: ServedResource) -> JSONValue {
    var request: JSONValue = [
      "kind": self.kind(asked), "resource": Self.reference(asked), "requestKind": self.kind(self.resource),
      "requestResource": Self.reference(self.resource), "operation": .string(self.operation.rawValue),
      "userInfo": self.user.json, "dryRun": .bool(self.isDryRun), "options": self.options,
    ]
    if !self.subresource.isEmpty {
      request["subResource"] = .string(self.subresource)
      request["requestSubResource"] = .string(self.subresource)
    }
    if !self.name.isEmpty { request["name"] = .string(self.name) }
    if !self.namespace.isEmpty { request["namespace"] = .string(self.namespace) }
    return request
  }

  private func kind(_ resource: ServedResource) -> JSONValue { self.partKind?.json ?? resource.kindReference }

  private static func reference(_ resource: ServedResource) -> JSONValue {
    [
      "group": .string(resource.group), "version": .string(resource.version.name),
      "resource": .string(resource.definition.names.plural),
    ]
  }

  /// The shape of ``request(_:)``.
  static let requestShape: JSONShape = {
    let text = JSONShape(.string)
    func object(_ name: String, _ fields: [String: JSONShape]) -> JSONShape {
      JSONShape(.object(fields), name: "kubernetes.\(name)", escapesNames: false)
    }
    let kind = object("GroupVersionKind", ["group": text, "version": text, "kind": text])
    let resource = object("GroupVersionResource", ["group": text, "version": text, "resource": text])
    let texts = JSONShape(.list(text, .position))
    let user = object(
      "UserInfo", ["username": text, "uid": text, "groups": texts, "extra": JSONShape(.map(texts))])
    return object(
      "AdmissionRequest",
      [
        "kind": kind, "resource": resource, "subResource": text, "requestKind": kind, "requestResource": resource,
        "requestSubResource": text, "name": text, "namespace": text, "operation": text, "userInfo": user,
        "dryRun": JSONShape(.bool), "options": .any,
      ])
  }()
}
