extension BuiltInResources {
  /// The fields of a stored Event that selectors may ask for.
  static let eventFields = [
    "involvedObject.kind", "involvedObject.namespace", "involvedObject.name", "involvedObject.uid",
    "involvedObject.apiVersion", "involvedObject.resourceVersion", "involvedObject.fieldPath", "reason",
    "reportingComponent", "source.component", "type",
  ]

  /// The core group, and Events in their other form.
  static let core: [BuiltInKind] = [
    BuiltInKind("namespaces", "Namespace") {
      $0.isNamespaced = false
      $0.shortNames = ["ns"]
      $0.traits = [.returnsDeletedObject]
      $0.rules = NamespaceRules()
      $0.hasStatus = true
      $0.schema = BuiltInSchemas.namespace
      $0.fields = ["status.phase"]
      $0.columns = [.text("Status", "status.phase"), .age]
    },
    BuiltInKind("pods", "Pod") {
      $0.shortNames = ["po"]
      $0.categories = ["all"]
      $0.traits = [.generation, .returnsDeletedObject, .gracefulDeletion]
      $0.rules = PodRules()
      $0.hasStatus = true
      $0.schema = BuiltInSchemas.pod
      $0.fields = [
        "spec.hostNetwork", "spec.nodeName", "spec.restartPolicy", "spec.schedulerName", "spec.serviceAccountName",
        "status.nominatedNodeName", "status.phase", "status.podIP",
      ]
      $0.fieldDefaults = ["spec.hostNetwork": "false"]
      $0.columns = [
        PrinterColumn(name: "Ready", type: "string", source: .readyContainers),
        PrinterColumn(name: "Status", type: "string", source: .podState),
        PrinterColumn(name: "Restarts", type: "string", source: .restarts), .age,
        .column("IP", "string", ".status.podIP", priority: 1), .column("Node", "string", ".spec.nodeName", priority: 1),
      ]
    },
    BuiltInKind("configmaps", "ConfigMap") {
      $0.shortNames = ["cm"]
      $0.rules = ConfigMapRules()
      $0.schema = BuiltInSchemas.configMap
      $0.columns = [.count("Data", of: "data", "binaryData"), .age]
    },
    BuiltInKind("secrets", "Secret") {
      $0.rules = SecretRules()
      $0.schema = BuiltInSchemas.secret
      $0.fields = ["type"]
      $0.columns = [.text("Type", "type"), .count("Data", of: "data"), .age]
    },
    BuiltInKind("services", "Service") {
      $0.shortNames = ["svc"]
      $0.categories = ["all"]
      $0.traits = [.returnsDeletedObject]
      $0.rules = ServiceRules()
      $0.hasStatus = true
      $0.schema = BuiltInSchemas.service
      $0.fields = ["spec.clusterIP", "spec.type"]
      $0.columns = PrinterColumn.service
    },
    BuiltInKind("serviceaccounts", "ServiceAccount") {
      $0.shortNames = ["sa"]
      $0.traits = [.returnsDeletedObject]
      $0.schema = BuiltInSchemas.serviceAccount
      $0.columns = [.age]
    },
    BuiltInKind("events", "Event") {
      $0.shortNames = ["ev"]
      $0.traits = [.createOnUpdate]
      $0.rules = EventRules()
      $0.schema = BuiltInSchemas.event
      $0.fields = Self.eventFields
      $0.columns = PrinterColumn.event
    },
    BuiltInKind(group: "events.k8s.io", "events", "Event") {
      $0.shortNames = ["ev"]
      $0.traits = [.createOnUpdate]
      $0.rules = EventRules(isStrict: true)
      $0.schema = BuiltInSchemas.newEvent
      $0.view = EventForms.view
      $0.columns = PrinterColumn.event
    },
    BuiltInKind("nodes", "Node") {
      $0.isNamespaced = false
      $0.shortNames = ["no"]
      $0.rules = NodeRules()
      $0.hasStatus = true
      $0.schema = BuiltInSchemas.node
      $0.fields = ["spec.unschedulable"]
      $0.fieldDefaults = ["spec.unschedulable": "false"]
      $0.columns = PrinterColumn.node
    },
    BuiltInKind("limitranges", "LimitRange") {
      $0.shortNames = ["limits"]
      $0.rules = LimitRangeRules()
      $0.schema = BuiltInSchemas.limitRange
      $0.columns = [.createdAt]
    },
    BuiltInKind("resourcequotas", "ResourceQuota") {
      $0.shortNames = ["quota"]
      $0.traits = [.returnsDeletedObject]
      $0.rules = ResourceQuotaRules()
      $0.hasStatus = true
      $0.schema = BuiltInSchemas.resourceQuota
      $0.columns = PrinterColumn.resourceQuota
    },
  ]
}
