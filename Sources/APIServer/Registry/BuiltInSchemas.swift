import KubernetesModel

/// What the built-in kinds may hold, as far as the server checks it.
///
/// A schema that keeps unknown fields checks types only.
enum BuiltInSchemas {
  private static let text: JSONValue = ["type": "string"]
  private static let integer: JSONValue = ["type": "integer"]
  private static let flag: JSONValue = ["type": "boolean"]
  private static let texts: JSONValue = ["type": "object", "additionalProperties": ["type": "string"]]
  private static let anything: JSONValue = ["type": "object", "x-kubernetes-preserve-unknown-fields": true]
  private static let time: JSONValue = ["type": "string", "format": "date-time", "nullable": true]

  /// The metadata of every object.
  static let metadata = Self.schema([
    "name": Self.text, "generateName": Self.text, "namespace": Self.text, "selfLink": Self.text, "uid": Self.text,
    "resourceVersion": Self.text, "generation": Self.integer, "creationTimestamp": Self.time,
    "deletionTimestamp": Self.time, "deletionGracePeriodSeconds": Self.integer, "labels": Self.texts,
    "annotations": Self.texts,
    "finalizers": ["type": "array", "items": ["type": "string"], "x-kubernetes-list-type": "set"],
    "ownerReferences": [
      "type": "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["uid"],
      "items": [
        "type": "object",
        "properties": [
          "apiVersion": Self.text, "kind": Self.text, "name": Self.text, "uid": Self.text, "controller": Self.flag,
          "blockOwnerDeletion": Self.flag,
        ],
      ],
    ],
    "managedFields": ["type": "array", "items": Self.anything],
  ])

  static let deleteOptions = Self.schema([
    "gracePeriodSeconds": ["type": "integer", "nullable": true],
    "orphanDependents": ["type": "boolean", "nullable": true],
    "propagationPolicy": ["type": "string", "nullable": true],
    "preconditions": [
      "type": "object", "nullable": true,
      "properties": [
        "uid": ["type": "string", "nullable": true], "resourceVersion": ["type": "string", "nullable": true],
      ],
    ],
    "dryRun": ["type": "array", "nullable": true, "items": ["type": "string"]],
  ])

  static let open = Self.read(Self.anything)

  static let configMap = Self.schema(["data": Self.texts, "binaryData": Self.texts, "immutable": Self.flag])

  static let secret = Self.schema([
    "data": Self.texts, "stringData": Self.texts, "type": Self.text, "immutable": Self.flag,
  ])

  static let namespace = Self.schema([
    "spec": ["type": "object", "properties": ["finalizers": ["type": "array", "items": ["type": "string"]]]],
    "status": Self.anything,
  ])

  static let lease = Self.schema([
    "spec": [
      "type": "object",
      "properties": [
        "holderIdentity": Self.text, "leaseDurationSeconds": Self.integer, "acquireTime": Self.time,
        "renewTime": Self.time, "leaseTransitions": Self.integer, "strategy": Self.text, "preferredHolder": Self.text,
      ],
    ]
  ])

  static let event = Self.schema([
    "involvedObject": Self.anything, "reason": Self.text, "message": Self.text, "source": Self.anything,
    "firstTimestamp": Self.time, "lastTimestamp": Self.time, "count": Self.integer, "type": Self.text,
    "eventTime": Self.time, "series": Self.anything, "action": Self.text, "related": Self.anything,
    "reportingComponent": Self.text, "reportingInstance": Self.text,
  ])

  static let pod = Self.schema([
    "spec": [
      "type": "object", "x-kubernetes-preserve-unknown-fields": true,
      "properties": [
        "containers": Self.list(of: Self.container, by: "name"),
        "initContainers": Self.list(of: Self.container, by: "name"),
        "volumes": Self.list(of: Self.anything, by: "name"),
        "nodeName": Self.text, "restartPolicy": Self.text, "hostname": Self.text, "subdomain": Self.text,
        "terminationGracePeriodSeconds": Self.integer, "activeDeadlineSeconds": Self.integer,
        "serviceAccountName": Self.text, "nodeSelector": Self.texts,
      ],
    ],
    "status": [
      "type": "object", "x-kubernetes-preserve-unknown-fields": true,
      "properties": ["conditions": Self.list(of: Self.anything, by: "type")],
    ],
  ])

  /// A list whose elements are told apart by a key.
  private static func list(of items: JSONValue, by key: String) -> JSONValue {
    [
      "type": "array", "items": items, "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": [.string(key)],
    ]
  }

  private static let container: JSONValue = [
    "type": "object", "x-kubernetes-preserve-unknown-fields": true,
    "properties": [
      "name": Self.text, "image": Self.text, "command": ["type": "array", "items": ["type": "string"]],
      "args": ["type": "array", "items": ["type": "string"]], "workingDir": Self.text, "restartPolicy": Self.text,
      "env": Self.list(
        of: [
          "type": "object", "x-kubernetes-preserve-unknown-fields": true,
          "properties": ["name": Self.text, "value": Self.text],
        ], by: "name"),
      "ports": [
        "type": "array",
        "items": [
          "type": "object", "x-kubernetes-preserve-unknown-fields": true,
          "properties": [
            "name": Self.text, "containerPort": Self.integer, "hostPort": Self.integer, "protocol": Self.text,
          ],
        ],
      ],
    ],
  ]

  private static func schema(_ properties: [String: JSONValue]) -> StructuralSchema? {
    Self.read(["type": "object", "properties": .object(properties)])
  }

  private static func read(_ json: JSONValue) -> StructuralSchema? {
    // The schemas are constants; that each can be read is checked by a test.
    try? StructuralSchema(json)
  }
}
