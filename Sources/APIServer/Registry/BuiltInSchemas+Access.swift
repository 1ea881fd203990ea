import KubernetesModel

/// Service accounts, roles and reviews, with all fields, so that unknown ones are reported.
extension BuiltInSchemas {
  private static let reference: JSONValue = Self.closed([
    "kind": Self.text, "namespace": Self.text, "name": Self.text, "uid": Self.text, "apiVersion": Self.text,
    "resourceVersion": Self.text, "fieldPath": Self.text,
  ])

  static let serviceAccount = Self.schema([
    "secrets": Self.list(of: Self.atomicObject(Self.reference), by: "name"),
    "imagePullSecrets": Self.atomic(Self.atomicObject(Self.closed(["name": Self.text]))),
    "automountServiceAccountToken": Self.flag,
  ])

  private static let rules: JSONValue = [
    "type": "array", "nullable": true, "x-kubernetes-list-type": "atomic",
    "items": Self.closed([
      "verbs": Self.atomic(Self.text), "apiGroups": Self.atomic(Self.text), "resources": Self.atomic(Self.text),
      "resourceNames": Self.atomic(Self.text), "nonResourceURLs": Self.atomic(Self.text),
    ]),
  ]

  static let role = Self.schema(["rules": Self.rules])

  static let clusterRole = Self.schema([
    "rules": Self.rules,
    "aggregationRule": Self.closed(["clusterRoleSelectors": Self.atomic(Self.labelSelector)]),
  ])

  static let roleBinding = Self.schema([
    "subjects": Self.atomic(
      Self.atomicObject(
        Self.closed(["kind": Self.text, "apiGroup": Self.text, "name": Self.text, "namespace": Self.text]))),
    "roleRef": Self.atomicObject(Self.closed(["apiGroup": Self.text, "kind": Self.text, "name": Self.text])),
  ])

  // MARK: Questions

  private static let manyTexts: JSONValue = [
    "type": "object", "additionalProperties": ["type": "array", "items": ["type": "string"]],
  ]
  private static let user = Self.closed([
    "username": Self.text, "uid": Self.text, "groups": Self.atomic(Self.text), "extra": Self.manyTexts,
  ])

  static let tokenRequest = Self.schema([
    "spec": Self.closed([
      "audiences": Self.atomic(Self.text), "expirationSeconds": ["type": "integer", "nullable": true],
      "boundObjectRef": [
        "type": "object", "nullable": true,
        "properties": ["kind": Self.text, "apiVersion": Self.text, "name": Self.text, "uid": Self.text],
      ],
    ]),
    "status": Self.closed(["token": Self.text, "expirationTimestamp": Self.time]),
  ])

  static let tokenReview = Self.schema([
    "spec": Self.closed(["token": Self.text, "audiences": Self.atomic(Self.text)]),
    "status": Self.closed([
      "authenticated": Self.flag, "user": Self.user, "audiences": Self.atomic(Self.text), "error": Self.text,
    ]),
  ])

  static let selfReview = Self.schema(["status": Self.closed(["userInfo": Self.user])])

  private static let selectorAttributes = Self.closed([
    "rawSelector": Self.text,
    "requirements": Self.atomic(
      Self.closed(["key": Self.text, "operator": Self.text, "values": Self.atomic(Self.text)])),
  ])

  static let accessReview = Self.schema([
    "spec": Self.closed([
      "resourceAttributes": Self.closed([
        "namespace": Self.text, "verb": Self.text, "group": Self.text, "version": Self.text, "resource": Self.text,
        "subresource": Self.text, "name": Self.text, "fieldSelector": Self.selectorAttributes,
        "labelSelector": Self.selectorAttributes,
      ]),
      "nonResourceAttributes": Self.closed(["path": Self.text, "verb": Self.text]),
      "user": Self.text, "groups": Self.atomic(Self.text), "uid": Self.text, "extra": Self.manyTexts,
    ]),
    "status": Self.accessStatus,
  ])

  static let rulesReview = Self.schema([
    "spec": Self.closed(["namespace": Self.text]),
    "status": ["type": "object", "x-kubernetes-preserve-unknown-fields": true],
  ])

  private static let accessStatus = Self.closed([
    "allowed": Self.flag, "denied": Self.flag, "reason": Self.text, "evaluationError": Self.text,
  ])
}
