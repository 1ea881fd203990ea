extension BuiltInResources {
  /// The groups that extend the API itself.
  static let extensions: [BuiltInKind] = [
    BuiltInKind(group: "apiextensions.k8s.io", "customresourcedefinitions", "CustomResourceDefinition") {
      $0.isNamespaced = false
      $0.shortNames = ["crd", "crds"]
      $0.categories = ["api-extensions"]
      $0.traits = [.generation]
      $0.allowsUnconditionalUpdate = false
      $0.rules = CustomResourceDefinitionRules()
      $0.hasStatus = true
      $0.schema = BuiltInSchemas.customResourceDefinition
      $0.columns = [.column("Created At", "date", ".metadata.creationTimestamp")]
    },
    Self.webhooks("mutatingwebhookconfigurations", "MutatingWebhookConfiguration") {
      $0.rules = WebhookConfigurationRules(isMutating: true)
      $0.schema = BuiltInSchemas.mutatingWebhookConfiguration
    },
    Self.webhooks("validatingwebhookconfigurations", "ValidatingWebhookConfiguration") {
      $0.rules = WebhookConfigurationRules(isMutating: false)
      $0.schema = BuiltInSchemas.validatingWebhookConfiguration
    },
  ]

  private static func webhooks(
    _ plural: String, _ kind: String, _ change: (inout BuiltInKind) -> Void
  ) -> BuiltInKind {
    BuiltInKind(group: "admissionregistration.k8s.io", plural, kind) {
      $0.isNamespaced = false
      $0.categories = ["api-extensions"]
      $0.traits = [.generation]
      $0.columns = [
        PrinterColumn(name: "Webhooks", type: "integer", source: .count(ColumnPath(".webhooks") ?? .name)), .age,
      ]
      change(&$0)
    }
  }
}
