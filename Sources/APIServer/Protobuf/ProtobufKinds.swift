/// The messages that typed clients send in protocol buffers, such as `kubectl create namespace`.
///
/// The numbers are those of Kubernetes' `generated.proto` files.
enum ProtobufKinds {
  /// By `apiVersion` and `kind`, with a space between.
  static let messages = Self.coreMessages.merging(Self.accessMessages) { first, _ in first }
    .merging(Self.workloadMessages) { first, _ in first }

  private static let coreMessages: [String: ProtobufMessage] = [
    "v1 Namespace": ProtobufMessage([
      1: ("metadata", .message(Self.metadata)),
      2: ("spec", .message(ProtobufMessage([1: ("finalizers", .list(.text))]))),
      3: (
        "status",
        .message(ProtobufMessage([1: ("phase", .text), 2: ("conditions", .list(.message(Self.namespaceCondition)))]))
      ),
    ]),
    "v1 ConfigMap": ProtobufMessage([
      1: ("metadata", .message(Self.metadata)), 2: ("data", .map(.text)), 3: ("binaryData", .map(.bytes)),
      4: ("immutable", .optional(.flag)),
    ]),
    "v1 Secret": ProtobufMessage([
      1: ("metadata", .message(Self.metadata)), 2: ("data", .map(.bytes)), 3: ("type", .text),
      4: ("stringData", .map(.text)), 5: ("immutable", .optional(.flag)),
    ]),
    "v1 Service": ProtobufMessage([
      1: ("metadata", .message(Self.metadata)), 2: ("spec", .message(Self.serviceSpec)),
      3: (
        "status", .message(ProtobufMessage([1: ("loadBalancer", .message(ProtobufMessage([:])))]))
      ),
    ]),
    "coordination.k8s.io/v1 Lease": ProtobufMessage([
      1: ("metadata", .message(Self.metadata)), 2: ("spec", .message(Self.leaseSpec)),
    ]),
    "policy/v1 Eviction": ProtobufMessage([
      1: ("metadata", .message(Self.metadata)), 2: ("deleteOptions", .message(Self.deleteOptions)),
    ]),
    "v1 DeleteOptions": Self.deleteOptions,
    "meta.k8s.io/v1 DeleteOptions": Self.deleteOptions,
  ]

  /// What every message is wrapped in, after the four bytes `k8s\0`.
  static let envelope = ProtobufMessage([
    1: ("typeMeta", .message(ProtobufMessage([1: ("apiVersion", .text), 2: ("kind", .text)]))),
    2: ("raw", .bytes), 3: ("contentEncoding", .text), 4: ("contentType", .text),
  ])

  static let metadata = ProtobufMessage([
    1: ("name", .text), 2: ("generateName", .text), 3: ("namespace", .text), 4: ("selfLink", .text), 5: ("uid", .text),
    6: ("resourceVersion", .text), 7: ("generation", .integer), 8: ("creationTimestamp", .time),
    9: ("deletionTimestamp", .time), 10: ("deletionGracePeriodSeconds", .optional(.integer)),
    11: ("labels", .map(.text)), 12: ("annotations", .map(.text)),
    13: ("ownerReferences", .list(.message(Self.ownerReference))), 14: ("finalizers", .list(.text)),
  ])

  static let labelSelector = ProtobufMessage([
    1: ("matchLabels", .map(.text)), 2: ("matchExpressions", .list(.message(Self.requirement))),
  ])

  /// A requirement on a label or a field.
  static let requirement = ProtobufMessage([
    1: ("key", .text), 2: ("operator", .text), 3: ("values", .list(.text)),
  ])

  private static let ownerReference = ProtobufMessage([
    1: ("kind", .text), 3: ("name", .text), 4: ("uid", .text), 5: ("apiVersion", .text),
    6: ("controller", .optional(.flag)), 7: ("blockOwnerDeletion", .optional(.flag)),
  ])

  private static let serviceSpec = ProtobufMessage([
    1: ("ports", .list(.message(Self.servicePort))), 2: ("selector", .map(.text)), 3: ("clusterIP", .text),
    4: ("type", .text), 5: ("externalIPs", .list(.text)), 7: ("sessionAffinity", .text), 8: ("loadBalancerIP", .text),
    9: ("loadBalancerSourceRanges", .list(.text)), 10: ("externalName", .text), 11: ("externalTrafficPolicy", .text),
    12: ("healthCheckNodePort", .integer), 13: ("publishNotReadyAddresses", .flag),
    14: (
      "sessionAffinityConfig",
      .message(
        ProtobufMessage([
          1: ("clientIP", .message(ProtobufMessage([1: ("timeoutSeconds", .optional(.integer))])))
        ]))
    ),
    17: ("ipFamilyPolicy", .optional(.text)), 18: ("clusterIPs", .list(.text)), 19: ("ipFamilies", .list(.text)),
    20: ("allocateLoadBalancerNodePorts", .optional(.flag)), 21: ("loadBalancerClass", .optional(.text)),
    22: ("internalTrafficPolicy", .optional(.text)), 23: ("trafficDistribution", .optional(.text)),
  ])

  private static let servicePort = ProtobufMessage([
    1: ("name", .text), 2: ("protocol", .text), 3: ("port", .integer), 4: ("targetPort", .intOrString),
    5: ("nodePort", .integer), 6: ("appProtocol", .optional(.text)),
  ])

  private static let namespaceCondition = ProtobufMessage([
    1: ("type", .text), 2: ("status", .text), 4: ("lastTransitionTime", .time), 5: ("reason", .text),
    6: ("message", .text),
  ])

  private static let leaseSpec = ProtobufMessage([
    1: ("holderIdentity", .optional(.text)), 2: ("leaseDurationSeconds", .optional(.integer)),
    3: ("acquireTime", .time), 4: ("renewTime", .time), 5: ("leaseTransitions", .optional(.integer)),
    6: ("strategy", .optional(.text)), 7: ("preferredHolder", .optional(.text)),
  ])

  private static let deleteOptions = ProtobufMessage([
    1: ("gracePeriodSeconds", .optional(.integer)),
    2: (
      "preconditions",
      .message(ProtobufMessage([1: ("uid", .optional(.text)), 2: ("resourceVersion", .optional(.text))]))
    ),
    3: ("orphanDependents", .optional(.flag)), 4: ("propagationPolicy", .optional(.text)), 5: ("dryRun", .list(.text)),
  ])
}
