extension BuiltInResources {
  /// The groups of what runs in a cluster.
  static let workloads: [BuiltInKind] = [
    BuiltInKind(group: "apps", "deployments", "Deployment") {
      $0.shortNames = ["deploy"]
      $0.categories = ["all"]
      $0.traits = [.generation]
      $0.rules = DeploymentRules()
      $0.hasStatus = true
      $0.scale = ResourceDefinition.ScalePaths(
        specReplicas: ["spec", "replicas"], statusReplicas: ["status", "replicas"], labelSelector: ["spec", "selector"])
      $0.schema = BuiltInSchemas.deployment
      $0.columns = PrinterColumn.deployment
    },
    BuiltInKind(group: "networking.k8s.io", "networkpolicies", "NetworkPolicy") {
      $0.shortNames = ["netpol"]
      $0.traits = [.generation]
      $0.rules = NetworkPolicyRules()
      $0.schema = BuiltInSchemas.networkPolicy
      $0.columns = PrinterColumn.networkPolicy
    },
    BuiltInKind(group: "scheduling.k8s.io", "priorityclasses", "PriorityClass") {
      $0.isNamespaced = false
      $0.shortNames = ["pc"]
      $0.traits = [.generation]
      $0.rules = PriorityClassRules()
      $0.schema = BuiltInSchemas.priorityClass
      $0.columns = PrinterColumn.priorityClass
    },
    BuiltInKind(group: "coordination.k8s.io", "leases", "Lease") {
      $0.traits = [.createOnUpdate]
      $0.allowsUnconditionalUpdate = false
      $0.rules = LeaseRules()
      $0.schema = BuiltInSchemas.lease
      $0.columns = [.text("Holder", "spec.holderIdentity"), .age]
    },
    BuiltInKind(group: "policy", "poddisruptionbudgets", "PodDisruptionBudget") {
      $0.shortNames = ["pdb"]
      $0.traits = [.generation]
      $0.rules = DisruptionBudgetRules()
      $0.hasStatus = true
      $0.schema = BuiltInSchemas.disruptionBudget
      $0.columns = PrinterColumn.disruptionBudget
    },
  ]
}
