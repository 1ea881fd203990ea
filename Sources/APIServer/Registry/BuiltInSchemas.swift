import KubernetesModel

/// What the built-in kinds may hold, as far as the server checks it, and what of it is owned as a whole.
///
/// A schema that keeps unknown fields checks types only.
enum BuiltInSchemas {
  static let text: JSONValue = ["type": "string"]
  static let integer: JSONValue = ["type": "integer"]
  static let int32: JSONValue = ["type": "integer", "format": .string(SchemaFormat.int32)]
  static let flag: JSONValue = ["type": "boolean"]
  static let texts: JSONValue = ["type": "object", "additionalProperties": ["type": "string"]]
  private static let anything: JSONValue = ["type": "object", "x-kubernetes-preserve-unknown-fields": true]
  /// An object that has one owner as a whole.
  private static let reference: JSONValue = [
    "type": "object", "x-kubernetes-preserve-unknown-fields": true, "x-kubernetes-map-type": "atomic",
  ]
  private static let selector: JSONValue = [
    "type": "object", "additionalProperties": ["type": "string"], "x-kubernetes-map-type": "atomic",
  ]
  static let time: JSONValue = ["type": "string", "format": "date-time", "nullable": true]

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
        "type": "object", "x-kubernetes-map-type": "atomic",
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

  static let configMap = Self.schema(["data": Self.texts, "binaryData": Self.texts, "immutable": Self.flag])

  static let secret = Self.schema([
    "data": Self.texts, "stringData": Self.texts, "type": Self.text, "immutable": Self.flag,
  ])

  static let namespace = Self.schema([
    "spec": ["type": "object", "properties": ["finalizers": ["type": "array", "items": ["type": "string"]]]],
    "status": Self.conditions,
  ])

  static let service = Self.schema([
    "spec": Self.open([
      "ports": Self.list(of: Self.open(["protocol": ["type": "string", "default": "TCP"]]), by: "port", "protocol"),
      "selector": Self.selector,
    ]),
    "status": Self.conditions,
  ])

  static let node = Self.schema([
    "spec": Self.open(["podCIDRs": ["type": "array", "items": Self.text, "x-kubernetes-list-type": "set"]]),
    "status": Self.open([
      "conditions": Self.list(of: Self.anything, by: "type"), "addresses": Self.list(of: Self.anything, by: "type"),
      "capacity": Self.quantities, "allocatable": Self.quantities,
    ]),
  ])

  static let customResourceDefinition = Self.schema(["spec": Self.anything, "status": Self.conditions])

  static let lease = Self.schema([
    "spec": [
      "type": "object",
      "properties": [
        "holderIdentity": Self.text, "leaseDurationSeconds": Self.integer, "acquireTime": Self.time,
        "renewTime": Self.time, "leaseTransitions": Self.integer, "strategy": Self.text, "preferredHolder": Self.text,
      ],
    ]
  ])

  static let disruptionBudget = Self.schema([
    "spec": Self.open(["selector": Self.reference, "unhealthyPodEvictionPolicy": Self.text]), "status": Self.conditions,
  ])

  static let event = Self.schema([
    "involvedObject": Self.reference, "reason": Self.text, "message": Self.text, "source": Self.anything,
    "firstTimestamp": Self.time, "lastTimestamp": Self.time, "count": Self.integer, "type": Self.text,
    "eventTime": Self.time, "series": Self.anything, "action": Self.text, "related": Self.reference,
    "reportingComponent": Self.text, "reportingInstance": Self.text,
  ])

  /// Events as `events.k8s.io` serves them.
  static let newEvent = Self.schema([
    "regarding": Self.reference, "related": Self.reference, "reason": Self.text, "note": Self.text, "type": Self.text,
    "eventTime": Self.time, "action": Self.text, "reportingController": Self.text, "reportingInstance": Self.text,
    "series": [
      "type": "object", "nullable": true, "properties": ["count": Self.integer, "lastObservedTime": Self.time],
    ],
    "deprecatedSource": Self.anything, "deprecatedFirstTimestamp": Self.time, "deprecatedLastTimestamp": Self.time,
    "deprecatedCount": Self.integer,
  ])

  /// The specification of a Pod or a template.
  static let podSpec = Self.open([
    "containers": Self.list(of: Self.container, by: "name"),
    "initContainers": Self.list(of: Self.container, by: "name"),
    "ephemeralContainers": Self.list(of: Self.anything, by: "name"),
    "volumes": Self.list(of: Self.anything, by: "name"),
    "imagePullSecrets": Self.list(of: Self.anything, by: "name"),
    "hostAliases": Self.list(of: Self.anything, by: "ip"),
    "resourceClaims": Self.list(of: Self.anything, by: "name"),
    "schedulingGates": Self.list(of: Self.anything, by: "name"),
    "topologySpreadConstraints": Self.list(of: Self.anything, by: "topologyKey", "whenUnsatisfiable"),
    "nodeName": Self.text, "restartPolicy": Self.text, "hostname": Self.text, "subdomain": Self.text,
    "terminationGracePeriodSeconds": Self.integer, "activeDeadlineSeconds": Self.integer,
    "serviceAccountName": Self.text, "nodeSelector": Self.selector,
  ])

  static let pod = Self.schema([
    "spec": Self.podSpec,
    "status": Self.open([
      "conditions": Self.list(of: Self.anything, by: "type"), "podIPs": Self.list(of: Self.anything, by: "ip"),
    ]),
  ])

  private static let conditions = Self.open(["conditions": Self.list(of: Self.anything, by: "type")])

  /// An object of which some fields are known.
  static func open(_ properties: [String: JSONValue]) -> JSONValue {
    ["type": "object", "x-kubernetes-preserve-unknown-fields": true, "properties": .object(properties)]
  }

  /// A list whose elements are told apart by keys.
  static func list(of items: JSONValue, by keys: String...) -> JSONValue {
    [
      "type": "array", "items": items, "x-kubernetes-list-type": "map",
      "x-kubernetes-list-map-keys": .array(keys.map(JSONValue.string)),
    ]
  }

  private static let container = Self.open([
    "name": Self.text, "image": Self.text, "command": ["type": "array", "items": ["type": "string"]],
    "args": ["type": "array", "items": ["type": "string"]], "workingDir": Self.text, "restartPolicy": Self.text,
    "env": Self.list(of: Self.open(["name": Self.text, "value": Self.text]), by: "name"),
    "ports": Self.list(
      of: Self.open([
        "name": Self.text, "containerPort": Self.int32, "hostPort": Self.int32,
        "protocol": ["type": "string", "default": "TCP"],
      ]), by: "containerPort", "protocol"),
    "resources": Self.open(["limits": Self.quantities, "requests": Self.quantities]),
    "volumeMounts": Self.list(of: Self.anything, by: "mountPath"),
    "volumeDevices": Self.list(of: Self.anything, by: "devicePath"),
  ])

  static func schema(_ properties: [String: JSONValue]) -> StructuralSchema? {
    Self.read(["type": "object", "properties": .object(properties)])
  }

  private static func read(_ json: JSONValue) -> StructuralSchema? {
    // The schemas are constants; that each can be read is checked by a test.
    try? StructuralSchema(json)
  }
}
