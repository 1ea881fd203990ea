extension DocumentedTypes {
  private static let appsPackage = "io.k8s.api.apps.v1"
  private static let networkPackage = "io.k8s.api.networking.v1"

  /// Deployments, policies and other kinds of a chart.
  static let workloads: [DocumentedType] = Self.deployments + Self.policies + Self.limits

  private static let deployments: [DocumentedType] = [
    Self.kind(
      "Deployment", Self.appsPackage, "Deployment keeps a number of equal Pods running.",
      [
        .field("spec", .type("DeploymentSpec"), "The desired state."),
        .field("status", .type("DeploymentStatus"), "The observed state."),
      ]),
    Self.type(
      "DeploymentSpec", Self.appsPackage, "The desired state of a Deployment.",
      [
        .required("selector", .type("LabelSelector"), "Selects the Pods; matches the template. It cannot be changed."),
        .required("template", .type("PodTemplateSpec"), "The Pods to create."),
        .field("replicas", .integer, "The number of Pods; 1 by default."),
        .field("strategy", .type("DeploymentStrategy"), "How Pods are replaced."),
        .field("minReadySeconds", .integer, "The seconds that a new Pod must be ready to count as available."),
        .field("revisionHistoryLimit", .integer, "The number of old ReplicaSets to keep; 10 by default."),
        .field("paused", .flag, "Whether the rollout is paused."),
        .field("progressDeadlineSeconds", .integer, "The seconds until a stalled rollout fails; 600 by default."),
      ]),
    Self.type(
      "DeploymentStrategy", Self.appsPackage, "How Pods are replaced.",
      [
        .field("type", .text, "Recreate or RollingUpdate."),
        .field("rollingUpdate", .type("RollingUpdateDeployment"), "Limits of a rolling update."),
      ]),
    Self.type(
      "RollingUpdateDeployment", Self.appsPackage, "Limits of a rolling update.",
      [
        .field("maxSurge", .integerOrText, "How many Pods may exist beyond the desired number; 25% by default."),
        .field("maxUnavailable", .integerOrText, "How many Pods may be unavailable; 25% by default."),
      ]),
    Self.type(
      "DeploymentStatus", Self.appsPackage, "The observed state of a Deployment.",
      [
        .field("observedGeneration", .long, "The generation that the controller has seen."),
        .field("replicas", .integer, "The number of Pods."),
        .field("updatedReplicas", .integer, "The number of Pods of the present template."),
        .field("readyReplicas", .integer, "The number of ready Pods."),
        .field("availableReplicas", .integer, "The number of available Pods."),
        .field("unavailableReplicas", .integer, "The number of missing Pods."),
        .field("terminatingReplicas", .integer, "The number of terminating Pods."),
        .field("collisionCount", .integer, "The number of hash collisions."),
        .merged("conditions", .type("Condition"), by: "type", "Aspects of the observed state."),
      ]),
    Self.core(
      "PodTemplateSpec", "The Pods that are created from a template.",
      [
        .field("metadata", .type("ObjectMeta"), "The Pods' labels and annotations."),
        .field("spec", .type("PodSpec"), "What the Pods run."),
      ]),
  ]

  private static let policies: [DocumentedType] = [
    Self.kind(
      "NetworkPolicy", Self.networkPackage, "NetworkPolicy restricts the traffic of Pods.",
      [.field("spec", .type("NetworkPolicySpec"), "The Pods and the allowed traffic.")]),
    Self.type(
      "NetworkPolicySpec", Self.networkPackage, "Pods and the traffic that is allowed.",
      [
        .field("podSelector", .type("LabelSelector"), "Selects the Pods; an empty selector selects all."),
        .field("ingress", .list(.type("NetworkPolicyIngressRule")), "The allowed incoming traffic."),
        .field("egress", .list(.type("NetworkPolicyEgressRule")), "The allowed outgoing traffic."),
        .field("policyTypes", .list(.text), "The restricted directions: Ingress, Egress."),
      ]),
    Self.type(
      "NetworkPolicyIngressRule", Self.networkPackage, "Allowed incoming traffic.",
      [
        .field("from", .list(.type("NetworkPolicyPeer")), "The sources; all if there are none."),
        .field("ports", .list(.type("NetworkPolicyPort")), "The ports; all if there are none."),
      ]),
    Self.type(
      "NetworkPolicyEgressRule", Self.networkPackage, "Allowed outgoing traffic.",
      [
        .field("to", .list(.type("NetworkPolicyPeer")), "The destinations; all if there are none."),
        .field("ports", .list(.type("NetworkPolicyPort")), "The ports; all if there are none."),
      ]),
    Self.type(
      "NetworkPolicyPeer", Self.networkPackage, "Pods or addresses.",
      [
        .field("podSelector", .type("LabelSelector"), "Selects Pods."),
        .field("namespaceSelector", .type("LabelSelector"), "Selects namespaces."),
        .field("ipBlock", .type("IPBlock"), "A range of addresses."),
      ]),
    Self.type(
      "IPBlock", Self.networkPackage, "A range of addresses.",
      [
        .required("cidr", .text, "The range, such as 192.168.1.0/24."),
        .field("except", .list(.text), "Ranges within it that do not count."),
      ]),
    Self.type(
      "NetworkPolicyPort", Self.networkPackage, "A port or a range of ports.",
      [
        .field("port", .integerOrText, "The port, by number or name."),
        .field("endPort", .integer, "The last port of a range."),
        .field("protocol", .text, "TCP, UDP or SCTP; TCP by default."),
      ]),
    Self.kind(
      "PriorityClass", "io.k8s.api.scheduling.v1", "PriorityClass names a priority of Pods.",
      [
        .required("value", .integer, "The priority. It cannot be changed."),
        .field("globalDefault", .flag, "Whether Pods without a class get this one."),
        .field("description", .text, "When to use the class."),
        .field("preemptionPolicy", .text, "Never or PreemptLowerPriority."),
      ]),
  ]

  private static let limits: [DocumentedType] = [
    Self.kind(
      "LimitRange", "io.k8s.api.core.v1", "LimitRange limits the resources of each object in a namespace.",
      [.field("spec", .type("LimitRangeSpec"), "The limits.")]),
    Self.core("LimitRangeSpec", "Limits.", [.required("limits", .list(.type("LimitRangeItem")), "One for each type.")]),
    Self.core(
      "LimitRangeItem", "The limits of one type.",
      [
        .required("type", .text, "Pod, Container or PersistentVolumeClaim."),
        .field("max", .map(.quantity), "The largest amounts."), .field("min", .map(.quantity), "The smallest amounts."),
        .field("default", .map(.quantity), "The default limits."),
        .field("defaultRequest", .map(.quantity), "The default requests."),
        .field("maxLimitRequestRatio", .map(.quantity), "The largest ratio of limit to request."),
      ]),
    Self.kind(
      "ResourceQuota", "io.k8s.api.core.v1", "ResourceQuota limits the resources of a namespace.",
      [
        .field("spec", .type("ResourceQuotaSpec"), "The limits."),
        .field("status", .type("ResourceQuotaStatus"), "The limits and what is used."),
      ]),
    Self.core(
      "ResourceQuotaSpec", "The limits of a namespace.",
      [
        .field("hard", .map(.quantity), "The limits by resource."),
        .field("scopes", .list(.text), "What is counted."), .field("scopeSelector", .open, "What is counted."),
      ]),
    Self.core(
      "ResourceQuotaStatus", "The limits of a namespace and what is used.",
      [.field("hard", .map(.quantity), "The limits."), .field("used", .map(.quantity), "What is used.")]),
  ]

  /// Events as `events.k8s.io` serves them; the core group's have the same name.
  static let newEvent = Self.kind(
    "Event", "io.k8s.api.events.v1", "Event reports something that happened to an object.",
    [
      .required("eventTime", .microTime, "When it first happened."),
      .field("regarding", .type("ObjectReference"), "The object that the event is about."),
      .field("related", .type("ObjectReference"), "Another object."),
      .field("reason", .text, "Why the action was taken, in one word for programs."),
      .field("action", .text, "The action, in one word for programs."),
      .field("note", .text, "What happened, for people."), .field("type", .text, "Normal or Warning."),
      .field("reportingController", .text, "The controller that reports, such as kubernetes.io/kubelet."),
      .field("reportingInstance", .text, "The controller's instance."),
      .field("series", .open, "Repeats of the event: count, lastObservedTime."),
      .field("deprecatedCount", .integer, "Repeats of an event of the core group."),
      .field("deprecatedFirstTimestamp", .time, "The first time of an event of the core group."),
      .field("deprecatedLastTimestamp", .time, "The last time of an event of the core group."),
      .field("deprecatedSource", .open, "The source of an event of the core group."),
    ])
}
