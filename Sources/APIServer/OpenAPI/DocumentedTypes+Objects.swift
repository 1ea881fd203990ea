extension DocumentedTypes {
  private static let corePackage = "io.k8s.api.core.v1"
  private static let conditions = DocumentedType.Field.merged(
    "conditions", .type("Condition"), by: "type", "The aspects of the present state.")

  /// The built-in kinds but for Pods.
  static let objects: [DocumentedType] =
    [
      Self.kind(
        "Namespace", Self.corePackage, "Namespace provides a scope for names.",
        [
          .field("spec", .type("NamespaceSpec"), "What is wanted of the namespace."),
          .field("status", .type("NamespaceStatus"), "The namespace's state."),
        ]),
      Self.core(
        "NamespaceSpec", "What is wanted of a namespace.",
        [.field("finalizers", .list(.text), "Who must agree before the namespace is removed.")]),
      Self.core(
        "NamespaceStatus", "A namespace's state.",
        [.field("phase", .text, "Active, or Terminating while it takes its contents with it."), Self.conditions]),
      Self.kind(
        "ConfigMap", Self.corePackage, "ConfigMap holds configuration data for pods to consume.",
        [
          .field("data", .map(.text), "Texts by key."),
          .field("binaryData", .map(.bytes), "Bytes by key; no key may also be in data."),
          .field("immutable", .flag, "Whether the data can never change again."),
        ]),
      Self.kind(
        "Secret", Self.corePackage, "Secret holds secret data of a certain type.",
        [
          .field("data", .map(.bytes), "Bytes by key."),
          .field("stringData", .map(.text), "Texts by key, which become data when written. Never shown."),
          .field("type", .text, "What the data is for. It cannot be changed."),
          .field("immutable", .flag, "Whether the data can never change again."),
        ]),
      Self.kind(
        "Service", Self.corePackage, "Service is a name by which programs find others.",
        [
          .field("spec", .type("ServiceSpec"), "What is wanted of the service."),
          .field("status", .open, "The service's state."),
        ]),
      Self.core(
        "ServiceSpec", "What is wanted of a service.",
        [
          .merged("ports", .type("ServicePort"), by: "port", "The ports that are offered."),
          .field("selector", .map(.text), "The labels of the Pods that answer."),
          .field("type", .text, "ClusterIP, NodePort, LoadBalancer or ExternalName."),
          .field("clusterIP", .text, "The address, or None."),
          .field("clusterIPs", .list(.text), "The addresses."),
          .field("externalName", .text, "The name that stands behind an ExternalName service."),
          .field("externalIPs", .list(.text), "Further addresses that answer."),
          .field("externalTrafficPolicy", .text, "Cluster or Local."),
          .field("internalTrafficPolicy", .text, "Cluster or Local."),
          .field("ipFamilies", .list(.text), "IPv4, IPv6 or both."),
          .field("ipFamilyPolicy", .text, "SingleStack, PreferDualStack or RequireDualStack."),
          .field("publishNotReadyAddresses", .flag, "Whether Pods that are not ready are named too."),
          .field("sessionAffinity", .text, "ClientIP or None."),
        ]),
      Self.core(
        "ServicePort", "One port of a service.",
        [
          .required("port", .integer, "The port that is offered."),
          .field("name", .text, "The port's name, unique within the service."),
          .field("protocol", .text, "TCP, UDP or SCTP; TCP if none is given."),
          .field("targetPort", .integerOrText, "The Pods' port, by number or name."),
          .field("nodePort", .integer, "The port on every node."),
          .field("appProtocol", .text, "What is spoken on the port."),
        ]),
      Self.kind(
        "Event", Self.corePackage, "Event is a report of something that happened to an object.",
        [
          .required("involvedObject", .type("ObjectReference"), "The object that the event is about."),
          .field("reason", .text, "What happened, in one word for programs."),
          .field("message", .text, "What happened, for people."),
          .field("type", .text, "Normal or Warning."),
          .field("source", .open, "The component, and the host, that report."),
          .field("firstTimestamp", .time, "When it first happened."),
          .field("lastTimestamp", .time, "When it last happened."),
          .field("count", .integer, "How often it happened."),
          .field("eventTime", .microTime, "When it happened."),
          .field("series", .open, "Repeats of the event."),
          .field("action", .text, "What was being done."),
          .field("related", .type("ObjectReference"), "A second object that matters."),
          .field("reportingComponent", .text, "Who reports."),
          .field("reportingInstance", .text, "Which instance reports."),
        ]),
      Self.core(
        "ObjectReference", "Names an object.",
        [
          .field("apiVersion", .text, "The object's group and version."),
          .field("kind", .text, "The object's kind."),
          .field("name", .text, "The object's name."),
          .field("namespace", .text, "The object's namespace."),
          .field("uid", .text, "The object's UID."),
          .field("resourceVersion", .text, "The version that is meant."),
          .field("fieldPath", .text, "The part that is meant."),
        ]),
      Self.kind(
        "Node", Self.corePackage, "Node is a machine that runs pods.",
        [
          .field("spec", .type("NodeSpec"), "What is wanted of the node."),
          .field("status", .type("NodeStatus"), "The node's state."),
        ]),
      Self.core(
        "NodeSpec", "What is wanted of a node.",
        [
          .field("unschedulable", .flag, "Whether no further Pods may come."),
          .field("taints", .list(.open), "What keeps Pods away."),
          .field("podCIDR", .text, "The addresses of the node's Pods."),
          .field("providerID", .text, "The machine's name with its provider."),
        ]),
      Self.core(
        "NodeStatus", "A node's state.",
        [
          Self.conditions,
          .merged("addresses", .open, by: "type", "Where the node can be reached."),
          .field("capacity", .map(.quantity), "What the node has."),
          .field("allocatable", .map(.quantity), "What Pods may use."),
          .field("nodeInfo", .open, "The node's software."),
        ]),
      Self.kind(
        "Lease", "io.k8s.api.coordination.v1", "Lease says who leads, and until when.",
        [.field("spec", .type("LeaseSpec"), "Who holds the lease, and since when.")]),
      DocumentedType(
        name: "LeaseSpec", package: "io.k8s.api.coordination.v1", description: "Who holds a lease, and since when.",
        fields: [
          .field("holderIdentity", .text, "Who holds the lease; empty for nobody."),
          .field("leaseDurationSeconds", .integer, "How long others wait since the last renewal."),
          .field("acquireTime", .microTime, "When the holder came to hold it."),
          .field("renewTime", .microTime, "When the holder last renewed it."),
          .field("leaseTransitions", .integer, "How often the holder has changed."),
          .field("preferredHolder", .text, "Who should hold it next."),
          .field("strategy", .text, "How holders are chosen."),
        ]),
      Self.kind(
        "PodDisruptionBudget", "io.k8s.api.policy.v1", "PodDisruptionBudget says how many Pods may be evicted.",
        [.field("spec", .type("PodDisruptionBudgetSpec"), "Which Pods, and how many of them.")]),
      DocumentedType(
        name: "PodDisruptionBudgetSpec", package: "io.k8s.api.policy.v1", description: "How many Pods may be evicted.",
        fields: [
          .field("minAvailable", .integerOrText, "How many Pods must stay, or which share."),
          .field("maxUnavailable", .integerOrText, "How many Pods may be away, or which share."),
          .field("selector", .open, "Which Pods it is about."),
          .field("unhealthyPodEvictionPolicy", .text, "Whether unhealthy Pods may go whatever the numbers are."),
        ]),
    ] + Self.definitions

  private static let definitionPackage = "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1"

  private static let definitions: [DocumentedType] = [
    Self.kind(
      "CustomResourceDefinition", Self.definitionPackage, "CustomResourceDefinition adds a kind to the server.",
      [
        .required("spec", .type("CustomResourceDefinitionSpec"), "The kind, its names and its versions."),
        .field("status", .type("CustomResourceDefinitionStatus"), "Whether the kind is served."),
      ]),
    DocumentedType(
      name: "CustomResourceDefinitionSpec", package: Self.definitionPackage, description: "A kind and its versions.",
      fields: [
        .required("group", .text, "The group of the kind; the definition is called PLURAL.GROUP."),
        .required("names", .type("CustomResourceDefinitionNames"), "What the kind is called."),
        .required("scope", .text, "Namespaced or Cluster."),
        .required("versions", .list(.type("CustomResourceDefinitionVersion")), "The versions; one of them is stored."),
        .field("conversion", .open, "How versions become one another; only None is served."),
        .field("preserveUnknownFields", .flag, "No longer used; must be false."),
      ]),
    DocumentedType(
      name: "CustomResourceDefinitionNames", package: Self.definitionPackage, description: "What a kind is called.",
      fields: [
        .required("plural", .text, "The name in paths."),
        .required("kind", .text, "The name in objects, in CamelCase."),
        .field("singular", .text, "The name on command lines."),
        .field("listKind", .text, "The name of lists in objects."),
        .field("shortNames", .list(.text), "Shorter names on command lines."),
        .field("categories", .list(.text), "Names that stand for several kinds, such as all."),
      ]),
    DocumentedType(
      name: "CustomResourceDefinitionVersion", package: Self.definitionPackage, description: "One version of a kind.",
      fields: [
        .required("name", .text, "The version, such as v1alpha1."),
        .required("served", .flag, "Whether it can be asked for."),
        .required("storage", .flag, "Whether objects are stored in it."),
        .field("schema", .open, "What objects may hold, under openAPIV3Schema."),
        .field("subresources", .open, "Which of status and scale there are."),
        .field("additionalPrinterColumns", .list(.open), "What tables show."),
        .field("selectableFields", .list(.open), "What field selectors may ask for."),
        .field("deprecated", .flag, "Whether whoever uses the version is warned."),
        .field("deprecationWarning", .text, "The words of that warning."),
      ]),
    DocumentedType(
      name: "CustomResourceDefinitionStatus", package: Self.definitionPackage,
      description: "Whether a kind is served.",
      fields: [
        Self.conditions,
        .field("acceptedNames", .type("CustomResourceDefinitionNames"), "The names in use."),
        .field("storedVersions", .list(.text), "Every version that objects may be stored in."),
      ]),
  ]
}
