import KubernetesModel

/// The configurations of admission webhooks: every field is known, so that a misspelt one is told of.
extension BuiltInSchemas {
  static let mutatingWebhookConfiguration = Self.configuration(
    Self.webhook.merging(["reinvocationPolicy": Self.text]) { first, _ in first })

  static let validatingWebhookConfiguration = Self.configuration(Self.webhook)

  private static func configuration(_ webhook: [String: JSONValue]) -> StructuralSchema? {
    Self.schema(["webhooks": Self.list(of: Self.closed(webhook), by: "name")])
  }

  private static let webhook: [String: JSONValue] = [
    "name": Self.text,
    "clientConfig": Self.closed([
      "url": Self.text, "caBundle": Self.text,
      "service": Self.closed([
        "name": Self.text, "namespace": Self.text, "path": Self.text, "port": Self.integer,
      ]),
    ]),
    "rules": Self.atomic(
      Self.closed([
        "operations": Self.atomic(Self.text), "apiGroups": Self.atomic(Self.text),
        "apiVersions": Self.atomic(Self.text), "resources": Self.atomic(Self.text), "scope": Self.text,
      ])),
    "failurePolicy": Self.text, "matchPolicy": Self.text, "sideEffects": Self.text, "timeoutSeconds": Self.integer,
    "namespaceSelector": Self.labelSelector, "objectSelector": Self.labelSelector,
    "admissionReviewVersions": Self.atomic(Self.text),
    "matchConditions": Self.list(of: Self.closed(["name": Self.text, "expression": Self.text]), by: "name"),
  ]

  static let labelSelector: JSONValue = [
    "type": "object", "x-kubernetes-map-type": "atomic",
    "properties": [
      "matchLabels": Self.texts,
      "matchExpressions": Self.atomic(
        Self.closed(["key": Self.text, "operator": Self.text, "values": Self.atomic(Self.text)])),
    ],
  ]

  /// An object of which every field is known.
  static func closed(_ properties: [String: JSONValue]) -> JSONValue {
    ["type": "object", "properties": .object(properties)]
  }

  /// A list that has one owner as a whole.
  static func atomic(_ items: JSONValue) -> JSONValue {
    ["type": "array", "items": items, "x-kubernetes-list-type": "atomic"]
  }

  /// An object that has one owner as a whole.
  static func atomicObject(_ object: JSONValue) -> JSONValue {
    var object = object
    object["x-kubernetes-map-type"] = "atomic"
    return object
  }
}
