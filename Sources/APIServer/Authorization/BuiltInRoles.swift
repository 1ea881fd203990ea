import KubernetesModel

/// The roles and bindings that a cluster has from the start.
enum BuiltInRoles {
  private static let read = ["get", "list", "watch"]
  private static let write = ["create", "update", "patch", "delete", "deletecollection"]
  private static let all = Self.read + Self.write
  private static let aggregation = "rbac.authorization.k8s.io/aggregate-to-"
  private static let group = "rbac.authorization.k8s.io"

  // MARK: Rules

  private static let rules: [(name: String, rules: [AccessRule])] = [
    (
      "cluster-admin",
      [AccessRule(["*"], groups: ["*"], resources: ["*"]), AccessRule(["*"], urls: ["*"])]
    ),
    (
      "system:discovery",
      [
        AccessRule(
          ["get"],
          urls: [
            "/api", "/api/*", "/apis", "/apis/*", "/healthz", "/livez", "/openapi", "/openapi/*", "/readyz", "/version",
            "/version/",
          ])
      ]
    ),
    (
      "system:basic-user",
      [
        AccessRule(
          ["create"], groups: ["authorization.k8s.io"],
          resources: ["selfsubjectaccessreviews", "selfsubjectrulesreviews"]),
        AccessRule(["create"], groups: ["authentication.k8s.io"], resources: ["selfsubjectreviews"]),
      ]
    ),
    (
      "system:public-info-viewer",
      [AccessRule(["get"], urls: ["/healthz", "/livez", "/readyz", "/version", "/version/"])]
    ),
    (
      "system:service-account-issuer-discovery",
      [
        AccessRule(
          ["get"],
          urls: [
            "/.well-known/openid-configuration", "/.well-known/openid-configuration/", "/openid/v1/jwks",
            "/openid/v1/jwks/",
          ])
      ]
    ),
    (
      "system:auth-delegator",
      [
        AccessRule(["create"], groups: ["authentication.k8s.io"], resources: ["tokenreviews"]),
        AccessRule(["create"], groups: ["authorization.k8s.io"], resources: ["subjectaccessreviews"]),
      ]
    ),
  ]

  private static let viewRules = [
    AccessRule(
      Self.read, groups: [""],
      resources: [
        "configmaps", "endpoints", "persistentvolumeclaims", "persistentvolumeclaims/status", "pods",
        "replicationcontrollers", "replicationcontrollers/scale", "serviceaccounts", "services", "services/status",
      ]),
    AccessRule(
      Self.read, groups: [""],
      resources: [
        "bindings", "limitranges", "namespaces/status", "pods/log", "pods/status", "replicationcontrollers/status",
        "resourcequotas", "resourcequotas/status",
      ]),
    AccessRule(Self.read, groups: [""], resources: ["namespaces"]),
    AccessRule(Self.read, groups: ["", "events.k8s.io"], resources: ["events"]),
    AccessRule(Self.read, groups: ["discovery.k8s.io"], resources: ["endpointslices"]),
    AccessRule(
      Self.read, groups: ["apps"],
      resources: [
        "controllerrevisions", "daemonsets", "daemonsets/status", "deployments", "deployments/scale",
        "deployments/status", "replicasets", "replicasets/scale", "replicasets/status", "statefulsets",
        "statefulsets/scale", "statefulsets/status",
      ]),
    AccessRule(
      Self.read, groups: ["autoscaling"],
      resources: ["horizontalpodautoscalers", "horizontalpodautoscalers/status"]),
    AccessRule(
      Self.read, groups: ["batch"], resources: ["cronjobs", "cronjobs/status", "jobs", "jobs/status"]),
    AccessRule(
      Self.read, groups: ["policy"], resources: ["poddisruptionbudgets", "poddisruptionbudgets/status"]),
    AccessRule(
      Self.read, groups: ["networking.k8s.io"], resources: ["ingresses", "ingresses/status", "networkpolicies"]),
  ]

  private static let editRules = [
    AccessRule(
      Self.read, groups: [""],
      resources: ["pods/attach", "pods/exec", "pods/portforward", "pods/proxy", "secrets", "services/proxy"]),
    AccessRule(["impersonate"], groups: [""], resources: ["serviceaccounts"]),
    AccessRule(
      Self.write, groups: [""],
      resources: ["pods", "pods/attach", "pods/exec", "pods/portforward", "pods/proxy"]),
    AccessRule(["create"], groups: [""], resources: ["pods/eviction"]),
    AccessRule(
      Self.write, groups: [""],
      resources: [
        "configmaps", "persistentvolumeclaims", "replicationcontrollers", "replicationcontrollers/scale", "secrets",
        "serviceaccounts", "services", "services/proxy",
      ]),
    AccessRule(["create"], groups: [""], resources: ["serviceaccounts/token"]),
    AccessRule(Self.write, groups: ["", "events.k8s.io"], resources: ["events"]),
    AccessRule(
      Self.write, groups: ["apps"],
      resources: [
        "daemonsets", "deployments", "deployments/rollback", "deployments/scale", "replicasets", "replicasets/scale",
        "statefulsets", "statefulsets/scale",
      ]),
    AccessRule(Self.write, groups: ["autoscaling"], resources: ["horizontalpodautoscalers"]),
    AccessRule(Self.write, groups: ["batch"], resources: ["cronjobs", "jobs"]),
    AccessRule(Self.write, groups: ["policy"], resources: ["poddisruptionbudgets"]),
    AccessRule(Self.write, groups: ["networking.k8s.io"], resources: ["ingresses", "networkpolicies"]),
    AccessRule(Self.all, groups: ["coordination.k8s.io"], resources: ["leases"]),
  ]

  private static let adminRules = [
    AccessRule(["create"], groups: ["authorization.k8s.io"], resources: ["localsubjectaccessreviews"]),
    AccessRule(Self.all, groups: [Self.group], resources: ["rolebindings", "roles"]),
  ]

  // MARK: Objects

  /// The ClusterRoles, aggregated.
  static var clusterRoles: [APIObject] {
    var roles = Self.rules.map { Self.role($0.name, $0.rules) }
    for (name, rules, target) in [
      ("system:aggregate-to-view", Self.viewRules, "view"), ("system:aggregate-to-edit", Self.editRules, "edit"),
      ("system:aggregate-to-admin", Self.adminRules, "admin"),
    ] {
      roles.append(Self.role(name, rules, aggregatesTo: target))
    }
    // Each role aggregates the one before it.
    for (name, target) in [("view", "edit"), ("edit", "admin"), ("admin", nil)] as [(String, String?)] {
      var role = Self.role(name, [], aggregatesTo: target)
      role.json[RoleAggregation.field] = [
        "clusterRoleSelectors": [["matchLabels": .object(["\(Self.aggregation)\(name)": "true"])]]
      ]
      role.json["rules"] = RoleAggregation.rules(of: role, among: roles)
      roles.append(role)
    }
    return roles
  }

  /// The ClusterRoleBindings.
  static var clusterRoleBindings: [APIObject] {
    let everyone = [RequestUser.authenticatedGroup, RequestUser.unauthenticatedGroup]
    let bindings: [(String, [String])] = [
      ("cluster-admin", [RequestUser.mastersGroup]), ("system:discovery", [RequestUser.authenticatedGroup]),
      ("system:basic-user", [RequestUser.authenticatedGroup]), ("system:public-info-viewer", everyone),
      ("system:service-account-issuer-discovery", [ServiceAccountName.group]),
    ]
    return bindings.map { name, groups in
      var binding = Self.object("ClusterRoleBinding", name)
      binding.json["roleRef"] = [
        "apiGroup": .string(Self.group), "kind": "ClusterRole", "name": .string(name),
      ]
      binding.json["subjects"] = .array(
        groups.map { ["apiGroup": .string(Self.group), "kind": "Group", "name": .string($0)] })
      return binding
    }
  }

  private static func role(_ name: String, _ rules: [AccessRule], aggregatesTo target: String? = nil) -> APIObject {
    var role = Self.object("ClusterRole", name)
    role.json["rules"] = .array(rules.map(\.json))
    if let target { role.json["metadata"]?["labels"]?["\(Self.aggregation)\(target)"] = "true" }
    return role
  }

  private static func object(_ kind: String, _ name: String) -> APIObject {
    APIObject([
      "apiVersion": .string("\(Self.group)/v1"), "kind": .string(kind),
      "metadata": [
        "name": .string(name), "labels": ["kubernetes.io/bootstrapping": "rbac-defaults"],
        "annotations": ["rbac.authorization.kubernetes.io/autoupdate": "true"],
      ],
    ])
  }
}
