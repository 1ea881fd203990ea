import KubernetesModel

/// Deployments, policies and other kinds of a chart.
extension BuiltInSchemas {
  private static let intOrString: JSONValue = ["x-kubernetes-int-or-string": true]
  static let quantities: JSONValue = [
    "type": "object", "nullable": true, "additionalProperties": ["format": .string(Quantity.format)],
  ]

  static let deployment = Self.schema([
    "spec": Self.closed([
      "replicas": ["type": "integer", "nullable": true, "format": .string(SchemaFormat.int32)],
      "selector": Self.labelSelector, "template": Self.template,
      "strategy": Self.closed([
        "type": Self.text,
        "rollingUpdate": [
          "type": "object", "nullable": true,
          "properties": ["maxUnavailable": Self.intOrString, "maxSurge": Self.intOrString],
        ],
      ]),
      "minReadySeconds": Self.integer, "revisionHistoryLimit": ["type": "integer", "nullable": true],
      "paused": Self.flag, "progressDeadlineSeconds": ["type": "integer", "nullable": true],
    ]),
    "status": Self.closed([
      "observedGeneration": Self.integer, "replicas": Self.integer, "updatedReplicas": Self.integer,
      "readyReplicas": Self.integer, "availableReplicas": Self.integer, "unavailableReplicas": Self.integer,
      "terminatingReplicas": ["type": "integer", "nullable": true],
      "collisionCount": ["type": "integer", "nullable": true],
      "conditions": Self.list(
        of: Self.closed([
          "type": Self.text, "status": Self.text, "lastUpdateTime": Self.time, "lastTransitionTime": Self.time,
          "reason": Self.text, "message": Self.text,
        ]), by: "type"),
    ]),
  ])

  private static let template: JSONValue = Self.closed([
    "metadata": Self.open(["labels": Self.texts, "annotations": Self.texts]), "spec": Self.podSpec,
  ])

  private static let policyPort = Self.closed([
    "protocol": ["type": "string", "nullable": true], "port": Self.intOrString, "endPort": Self.integer,
  ])
  private static let policyPeer = Self.closed([
    "podSelector": Self.labelSelector, "namespaceSelector": Self.labelSelector,
    "ipBlock": Self.closed(["cidr": Self.text, "except": Self.atomic(Self.text)]),
  ])

  static let networkPolicy = Self.schema([
    "spec": Self.closed([
      "podSelector": Self.labelSelector,
      "ingress": Self.atomic(
        Self.closed(["ports": Self.atomic(Self.policyPort), "from": Self.atomic(Self.policyPeer)])),
      "egress": Self.atomic(
        Self.closed(["ports": Self.atomic(Self.policyPort), "to": Self.atomic(Self.policyPeer)])),
      "policyTypes": Self.atomic(Self.text),
    ])
  ])

  static let priorityClass = Self.schema([
    "value": Self.int32, "globalDefault": Self.flag, "description": Self.text, "preemptionPolicy": Self.text,
  ])

  static let limitRange = Self.schema([
    "spec": Self.closed([
      "limits": Self.atomic(
        Self.closed([
          "type": Self.text, "max": Self.quantities, "min": Self.quantities, "default": Self.quantities,
          "defaultRequest": Self.quantities, "maxLimitRequestRatio": Self.quantities,
        ]))
    ])
  ])

  static let resourceQuota = Self.schema([
    "spec": Self.closed([
      "hard": Self.quantities, "scopes": Self.atomic(Self.text),
      "scopeSelector": Self.closed([
        "matchExpressions": Self.atomic(
          Self.closed(["scopeName": Self.text, "operator": Self.text, "values": Self.atomic(Self.text)]))
      ]),
    ]),
    "status": Self.closed(["hard": Self.quantities, "used": Self.quantities]),
  ])
}
