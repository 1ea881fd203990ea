/// The messages of service accounts, roles and reviews.
extension ProtobufKinds {
  private static let objectReference = ProtobufMessage([
    1: ("kind", .text), 2: ("namespace", .text), 3: ("name", .text), 4: ("uid", .text), 5: ("apiVersion", .text),
    6: ("resourceVersion", .text), 7: ("fieldPath", .text),
  ])
  private static let rule = ProtobufMessage([
    1: ("verbs", .list(.text)), 2: ("apiGroups", .list(.text)), 3: ("resources", .list(.text)),
    4: ("resourceNames", .list(.text)), 5: ("nonResourceURLs", .list(.text)),
  ])
  private static let aggregation = ProtobufMessage([
    1: ("clusterRoleSelectors", .list(.message(Self.labelSelector)))
  ])
  private static let role = ProtobufMessage([
    1: ("metadata", .message(Self.metadata)), 2: ("rules", .list(.message(Self.rule))),
    3: ("aggregationRule", .message(Self.aggregation)),
  ])
  private static let subject = ProtobufMessage([
    1: ("kind", .text), 2: ("apiGroup", .text), 3: ("name", .text), 4: ("namespace", .text),
  ])
  private static let binding = ProtobufMessage([
    1: ("metadata", .message(Self.metadata)), 2: ("subjects", .list(.message(Self.subject))),
    3: ("roleRef", .message(ProtobufMessage([1: ("apiGroup", .text), 2: ("kind", .text), 3: ("name", .text)]))),
  ])

  private static let extra = ProtobufMessage.Form.map(.texts)
  private static let user = ProtobufMessage([
    1: ("username", .text), 2: ("uid", .text), 3: ("groups", .list(.text)), 4: ("extra", Self.extra),
  ])

  private static let requirements = ProtobufMessage([
    1: ("rawSelector", .text), 2: ("requirements", .list(.message(Self.requirement))),
  ])
  private static let resource = ProtobufMessage([
    1: ("namespace", .text), 2: ("verb", .text), 3: ("group", .text), 4: ("version", .text), 5: ("resource", .text),
    6: ("subresource", .text), 7: ("name", .text), 8: ("fieldSelector", .message(Self.requirements)),
    9: ("labelSelector", .message(Self.requirements)),
  ])
  private static let path = ProtobufMessage([1: ("path", .text), 2: ("verb", .text)])
  private static let accessStatus = ProtobufMessage([
    1: ("allowed", .flag), 2: ("reason", .text), 3: ("evaluationError", .text), 4: ("denied", .flag),
  ])
  private static let access = ProtobufMessage([
    1: ("metadata", .message(Self.metadata)),
    2: (
      "spec",
      .message(
        ProtobufMessage([
          1: ("resourceAttributes", .message(Self.resource)), 2: ("nonResourceAttributes", .message(Self.path)),
          3: ("user", .text), 4: ("groups", .list(.text)), 5: ("extra", Self.extra), 6: ("uid", .text),
        ]))
    ),
    3: ("status", .message(Self.accessStatus)),
  ])

  /// By `apiVersion` and `kind`, with a space between.
  static let accessMessages: [String: ProtobufMessage] = [
    "v1 ServiceAccount": ProtobufMessage([
      1: ("metadata", .message(Self.metadata)), 2: ("secrets", .list(.message(Self.objectReference))),
      3: ("imagePullSecrets", .list(.message(ProtobufMessage([1: ("name", .text)])))),
      4: ("automountServiceAccountToken", .optional(.flag)),
    ]),
    "rbac.authorization.k8s.io/v1 Role": Self.role, "rbac.authorization.k8s.io/v1 ClusterRole": Self.role,
    "rbac.authorization.k8s.io/v1 RoleBinding": Self.binding,
    "rbac.authorization.k8s.io/v1 ClusterRoleBinding": Self.binding,
    "authentication.k8s.io/v1 TokenRequest": ProtobufMessage([
      1: ("metadata", .message(Self.metadata)),
      2: (
        "spec",
        .message(
          ProtobufMessage([
            1: ("audiences", .list(.text)), 3: ("boundObjectRef", .message(Self.boundObject)),
            4: ("expirationSeconds", .optional(.integer)),
          ]))
      ),
      3: ("status", .message(ProtobufMessage([1: ("token", .text), 2: ("expirationTimestamp", .time)]))),
    ]),
    "authentication.k8s.io/v1 TokenReview": ProtobufMessage([
      1: ("metadata", .message(Self.metadata)),
      2: ("spec", .message(ProtobufMessage([1: ("token", .text), 2: ("audiences", .list(.text))]))),
      3: (
        "status",
        .message(
          ProtobufMessage([
            1: ("authenticated", .flag), 2: ("user", .message(Self.user)), 3: ("error", .text),
            4: ("audiences", .list(.text)),
          ]))
      ),
    ]),
    "authentication.k8s.io/v1 SelfSubjectReview": ProtobufMessage([
      1: ("metadata", .message(Self.metadata)),
      2: ("status", .message(ProtobufMessage([1: ("userInfo", .message(Self.user))]))),
    ]),
    "authorization.k8s.io/v1 SubjectAccessReview": Self.access,
    "authorization.k8s.io/v1 LocalSubjectAccessReview": Self.access,
    "authorization.k8s.io/v1 SelfSubjectAccessReview": Self.access,
    "authorization.k8s.io/v1 SelfSubjectRulesReview": ProtobufMessage([
      1: ("metadata", .message(Self.metadata)), 2: ("spec", .message(ProtobufMessage([1: ("namespace", .text)]))),
      3: ("status", .message(ProtobufMessage([3: ("incomplete", .flag), 4: ("evaluationError", .text)]))),
    ]),
  ]

  private static let boundObject = ProtobufMessage([
    1: ("kind", .text), 2: ("apiVersion", .text), 3: ("name", .text), 4: ("uid", .text),
  ])
}
