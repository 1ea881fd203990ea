import KubernetesModel

/// The kinds that are served without a definition.
enum BuiltInResources {
  static let customResourceDefinitions = "customresourcedefinitions.apiextensions.k8s.io"
  static let namespaces = "namespaces"
  static let pods = "pods"
  static let events = "events"
  static let services = "services"
  static let disruptionBudgets = "poddisruptionbudgets.policy"
  static let mutatingWebhooks = "mutatingwebhookconfigurations.admissionregistration.k8s.io"
  static let validatingWebhooks = "validatingwebhookconfigurations.admissionregistration.k8s.io"

  static let all: [ResourceDefinition] = [
    Self.core(
      "namespaces", "Namespace", isNamespaced: false, shortNames: ["ns"], traits: [.returnsDeletedObject],
      rules: NamespaceRules(), hasStatus: true, schema: BuiltInSchemas.namespace, fields: ["status.phase"],
      columns: [Self.column("Status", "string", ".status.phase")]),
    Self.core(
      "pods", "Pod", shortNames: ["po"], categories: ["all"], traits: [.generation, .returnsDeletedObject],
      rules: PodRules(), hasStatus: true, schema: BuiltInSchemas.pod,
      fields: ["spec.nodeName", "spec.restartPolicy", "spec.serviceAccountName", "status.phase", "status.podIP"],
      columns: [
        PrinterColumn(name: "Ready", type: "string", source: .readyContainers),
        PrinterColumn(name: "Status", type: "string", source: .podState),
        PrinterColumn(name: "Restarts", type: "string", source: .restarts),
        Self.column("Age", "date", ".metadata.creationTimestamp"),
        PrinterColumn(name: "IP", type: "string", priority: 1, source: .path(ColumnPath(".status.podIP") ?? .name)),
        PrinterColumn(name: "Node", type: "string", priority: 1, source: .path(ColumnPath(".spec.nodeName") ?? .name)),
      ]),
    Self.core(
      "configmaps", "ConfigMap", shortNames: ["cm"], rules: ConfigMapRules(), schema: BuiltInSchemas.configMap),
    Self.core(
      "secrets", "Secret", rules: SecretRules(), schema: BuiltInSchemas.secret, fields: ["type"],
      columns: [Self.column("Type", "string", ".type")]),
    Self.core(
      "services", "Service", shortNames: ["svc"], categories: ["all"], traits: [.returnsDeletedObject],
      rules: ServiceRules(), hasStatus: true, schema: BuiltInSchemas.service,
      fields: ["spec.clusterIP", "spec.type"], columns: [Self.column("Type", "string", ".spec.type")]),
    Self.core(
      "events", "Event", shortNames: ["ev"], traits: [.createOnUpdate], rules: EventRules(),
      schema: BuiltInSchemas.event,
      fields: [
        "involvedObject.kind", "involvedObject.namespace", "involvedObject.name", "involvedObject.uid",
        "involvedObject.apiVersion", "involvedObject.resourceVersion", "involvedObject.fieldPath", "reason",
        "reportingComponent", "source.component", "type",
      ],
      columns: [
        Self.column("Last Seen", "date", ".lastTimestamp"), Self.column("Type", "string", ".type"),
        Self.column("Reason", "string", ".reason"),
        Self.column("Object", "string", ".involvedObject.name"), Self.column("Message", "string", ".message"),
      ]),
    Self.core(
      "nodes", "Node", isNamespaced: false, shortNames: ["no"], rules: PlainRules(), hasStatus: true,
      schema: BuiltInSchemas.node, fields: ["spec.unschedulable"]),
    Self.make(
      group: "coordination.k8s.io", "leases", "Lease", traits: [.createOnUpdate], rules: LeaseRules(),
      schema: BuiltInSchemas.lease,
      columns: [Self.column("Holder", "string", ".spec.holderIdentity")], allowsUnconditionalUpdate: false),
    Self.make(
      group: "policy", "poddisruptionbudgets", "PodDisruptionBudget", shortNames: ["pdb"], traits: [.generation],
      rules: DisruptionBudgetRules(), hasStatus: true, schema: BuiltInSchemas.disruptionBudget,
      columns: [
        Self.column("Min Available", "string", ".spec.minAvailable"),
        Self.column("Max Unavailable", "string", ".spec.maxUnavailable"),
      ]),
    Self.make(
      group: "apiextensions.k8s.io", "customresourcedefinitions", "CustomResourceDefinition", isNamespaced: false,
      shortNames: ["crd", "crds"], categories: ["api-extensions"], traits: [.generation],
      rules: CustomResourceDefinitionRules(), hasStatus: true, schema: BuiltInSchemas.customResourceDefinition,
      columns: [Self.column("Created At", "date", ".metadata.creationTimestamp")], allowsUnconditionalUpdate: false),
    Self.admission(
      "mutatingwebhookconfigurations", "MutatingWebhookConfiguration", isMutating: true,
      BuiltInSchemas.mutatingWebhookConfiguration),
    Self.admission(
      "validatingwebhookconfigurations", "ValidatingWebhookConfiguration", isMutating: false,
      BuiltInSchemas.validatingWebhookConfiguration),
  ]

  private static func admission(
    _ plural: String, _ kind: String, isMutating: Bool, _ schema: StructuralSchema?
  ) -> ResourceDefinition {
    let webhooks = PrinterColumn.Source.count(ColumnPath(".webhooks") ?? .name)
    return Self.make(
      group: "admissionregistration.k8s.io", plural, kind, isNamespaced: false, categories: ["api-extensions"],
      traits: [.generation], rules: WebhookConfigurationRules(isMutating: isMutating), schema: schema,
      columns: [PrinterColumn(name: "Webhooks", type: "integer", source: webhooks)])
  }

  private static func column(_ name: String, _ type: String, _ path: String) -> PrinterColumn {
    PrinterColumn(name: name, type: type, source: .path(ColumnPath(path) ?? ColumnPath.name))
  }

  private static func core(
    _ plural: String, _ kind: String, isNamespaced: Bool = true, shortNames: [String] = [], categories: [String] = [],
    traits: ResourceDefinition.Traits = [], rules: any KindRules, hasStatus: Bool = false, schema: StructuralSchema?,
    fields: [String] = [], columns: [PrinterColumn] = []
  ) -> ResourceDefinition {
    Self.make(
      group: "", plural, kind, isNamespaced: isNamespaced, shortNames: shortNames, categories: categories,
      traits: traits, rules: rules, hasStatus: hasStatus, schema: schema, fields: fields, columns: columns)
  }

  private static func make(
    group: String, _ plural: String, _ kind: String, isNamespaced: Bool = true, shortNames: [String] = [],
    categories: [String] = [], traits: ResourceDefinition.Traits = [], rules: any KindRules, hasStatus: Bool = false,
    schema: StructuralSchema?, fields: [String] = [], columns: [PrinterColumn] = [],
    allowsUnconditionalUpdate: Bool = true
  ) -> ResourceDefinition {
    var columns = columns
    if !columns.contains(where: { $0.type == "date" }) {
      columns.append(Self.column("Age", "date", ".metadata.creationTimestamp"))
    }
    return ResourceDefinition(
      group: group,
      names: ResourceDefinition.Names(
        plural: plural, singular: kind.lowercased(), kind: kind, listKind: "\(kind)List", shortNames: shortNames,
        categories: categories),
      isNamespaced: isNamespaced,
      traits: allowsUnconditionalUpdate ? traits.union(.unconditionalUpdate) : traits,
      versions: [
        ResourceDefinition.Version(
          name: "v1", schema: schema, hasStatus: hasStatus,
          columns: columns,
          selectableFields: fields, rules: rules)
      ])
  }
}
