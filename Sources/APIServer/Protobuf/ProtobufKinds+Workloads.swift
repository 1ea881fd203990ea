/// The messages of Deployments, policies and quotas that kubectl creates.
extension ProtobufKinds {
  private static let port = ProtobufMessage([
    1: ("name", .text), 2: ("hostPort", .integer), 3: ("containerPort", .integer), 4: ("protocol", .text),
    5: ("hostIP", .text),
  ])
  private static let resources = ProtobufMessage([
    1: ("limits", .map(.quantity)), 2: ("requests", .map(.quantity)),
  ])
  private static let container = ProtobufMessage([
    1: ("name", .text), 2: ("image", .text), 3: ("command", .list(.text)), 4: ("args", .list(.text)),
    5: ("workingDir", .text), 6: ("ports", .list(.message(Self.port))),
    7: ("env", .list(.message(ProtobufMessage([1: ("name", .text), 2: ("value", .text)])))),
    8: ("resources", .message(Self.resources)), 13: ("terminationMessagePath", .text), 14: ("imagePullPolicy", .text),
    16: ("stdin", .flag), 17: ("stdinOnce", .flag), 18: ("tty", .flag), 20: ("terminationMessagePolicy", .text),
  ])
  private static let podSpec = ProtobufMessage([
    2: ("containers", .list(.message(Self.container))), 3: ("restartPolicy", .text),
    4: ("terminationGracePeriodSeconds", .optional(.integer)), 5: ("activeDeadlineSeconds", .optional(.integer)),
    6: ("dnsPolicy", .text), 7: ("nodeSelector", .map(.text)), 8: ("serviceAccountName", .text),
    9: ("serviceAccount", .text), 10: ("nodeName", .text), 11: ("hostNetwork", .flag), 12: ("hostPID", .flag),
    13: ("hostIPC", .flag), 14: ("securityContext", .message(ProtobufMessage([:]))), 16: ("hostname", .text),
    17: ("subdomain", .text), 19: ("schedulerName", .text), 20: ("initContainers", .list(.message(Self.container))),
    21: ("automountServiceAccountToken", .optional(.flag)), 24: ("priorityClassName", .text),
    25: ("priority", .optional(.integer)), 30: ("enableServiceLinks", .optional(.flag)),
  ])
  private static let strategy = ProtobufMessage([
    1: ("type", .text),
    2: (
      "rollingUpdate", .message(ProtobufMessage([1: ("maxUnavailable", .intOrString), 2: ("maxSurge", .intOrString)]))
    ),
  ])
  private static let deploymentSpec = ProtobufMessage([
    1: ("replicas", .optional(.integer)), 2: ("selector", .message(Self.labelSelector)),
    3: (
      "template",
      .message(ProtobufMessage([1: ("metadata", .message(Self.metadata)), 2: ("spec", .message(Self.podSpec))]))
    ),
    4: ("strategy", .message(Self.strategy)), 5: ("minReadySeconds", .integer),
    6: ("revisionHistoryLimit", .optional(.integer)), 7: ("paused", .flag),
    9: ("progressDeadlineSeconds", .optional(.integer)),
  ])
  private static let deploymentStatus = ProtobufMessage([
    1: ("observedGeneration", .integer), 2: ("replicas", .integer), 3: ("updatedReplicas", .integer),
    4: ("availableReplicas", .integer), 5: ("unavailableReplicas", .integer), 7: ("readyReplicas", .integer),
    8: ("collisionCount", .optional(.integer)), 9: ("terminatingReplicas", .optional(.integer)),
  ])
  private static let budgetStatus = ProtobufMessage([
    1: ("observedGeneration", .integer), 3: ("disruptionsAllowed", .integer), 4: ("currentHealthy", .integer),
    5: ("desiredHealthy", .integer), 6: ("expectedPods", .integer),
  ])

  /// By `apiVersion` and `kind`, with a space between.
  static let workloadMessages: [String: ProtobufMessage] = [
    "apps/v1 Deployment": ProtobufMessage([
      1: ("metadata", .message(Self.metadata)), 2: ("spec", .message(Self.deploymentSpec)),
      3: ("status", .message(Self.deploymentStatus)),
    ]),
    "scheduling.k8s.io/v1 PriorityClass": ProtobufMessage([
      1: ("metadata", .message(Self.metadata)), 2: ("value", .integer), 3: ("globalDefault", .flag),
      4: ("description", .text), 5: ("preemptionPolicy", .optional(.text)),
    ]),
    "policy/v1 PodDisruptionBudget": ProtobufMessage([
      1: ("metadata", .message(Self.metadata)),
      2: (
        "spec",
        .message(
          ProtobufMessage([
            1: ("minAvailable", .intOrString), 2: ("selector", .message(Self.labelSelector)),
            3: ("maxUnavailable", .intOrString), 4: ("unhealthyPodEvictionPolicy", .optional(.text)),
          ]))
      ),
      3: ("status", .message(Self.budgetStatus)),
    ]),
    "v1 ResourceQuota": ProtobufMessage([
      1: ("metadata", .message(Self.metadata)),
      2: ("spec", .message(ProtobufMessage([1: ("hard", .map(.quantity)), 2: ("scopes", .list(.text))]))),
      3: ("status", .message(ProtobufMessage([1: ("hard", .map(.quantity)), 2: ("used", .map(.quantity))]))),
    ]),
  ]
}
