extension DocumentedTypes {
  private static let admissionPackage = "io.k8s.api.admissionregistration.v1"

  /// The configurations of admission webhooks.
  static let admission: [DocumentedType] = [
    Self.kind(
      "MutatingWebhookConfiguration", Self.admissionPackage,
      "MutatingWebhookConfiguration names webhooks that may change objects before they are written.",
      [.merged("webhooks", .type("MutatingWebhook"), by: "name", "The webhooks, asked one after the other.")]),
    Self.kind(
      "ValidatingWebhookConfiguration", Self.admissionPackage,
      "ValidatingWebhookConfiguration names webhooks that may refuse writes.",
      [.merged("webhooks", .type("ValidatingWebhook"), by: "name", "The webhooks, all asked at once.")]),
    Self.admissionType(
      "MutatingWebhook", "A webhook that may change objects, and when it is asked.",
      Self.webhook + [
        .field("reinvocationPolicy", .text, "IfNeeded to be asked again after later changes by others, or Never.")
      ]),
    Self.admissionType(
      "ValidatingWebhook", "A webhook that may refuse writes, and when it is asked.", Self.webhook),
    Self.admissionType(
      "WebhookClientConfig", "Where a webhook listens: either url or service.",
      [
        .field("url", .text, "The address, as https://host:port/path."),
        .field("service", .type("ServiceReference"), "The Service that answers."),
        .field("caBundle", .bytes, "The authorities of the certificate, in PEM; the system's if there are none."),
      ]),
    Self.admissionType(
      "ServiceReference", "A Service, and the path to ask it at.",
      [
        .required("namespace", .text, "The Service's namespace."),
        .required("name", .text, "The Service's name."),
        .field("path", .text, "The path."),
        .field("port", .integer, "The Service's port; 443 if none is given."),
      ]),
    Self.admissionType(
      "RuleWithOperations", "Which writes a webhook is asked about.",
      [
        .field("operations", .list(.text), "CREATE, UPDATE, DELETE, CONNECT or *."),
        .field("apiGroups", .list(.text), "The groups, or *; empty for the core group."),
        .field("apiVersions", .list(.text), "The versions, or *."),
        .field("resources", .list(.text), "Resources and their parts, such as pods, pods/status, pods/* or */*."),
        .field("scope", .text, "Cluster, Namespaced or *."),
      ]),
    Self.admissionType(
      "MatchCondition", "A condition in CEL on which the webhook is asked.",
      [
        .required("name", .text, "The condition's name."),
        .required("expression", .text, "The condition."),
      ]),
    DocumentedType(
      name: "LabelSelector", package: "io.k8s.apimachinery.pkg.apis.meta.v1",
      description: "Which labels an object must have; any, if nothing is asked.",
      fields: [
        .field("matchLabels", .map(.text), "Labels that must be there with exactly these values."),
        .field("matchExpressions", .list(.type("LabelSelectorRequirement")), "Further requirements."),
      ]),
    DocumentedType(
      name: "LabelSelectorRequirement", package: "io.k8s.apimachinery.pkg.apis.meta.v1",
      description: "What is asked of one label.",
      fields: [
        .required("key", .text, "The label."),
        .required("operator", .text, "In, NotIn, Exists or DoesNotExist."),
        .field("values", .list(.text), "The values, for In and NotIn."),
      ]),
  ]

  private static let webhook: [DocumentedType.Field] = [
    .required("name", .text, "The webhook's name, such as checks.studio.example."),
    .required("clientConfig", .type("WebhookClientConfig"), "Where the webhook listens."),
    .required("sideEffects", .text, "None or NoneOnDryRun."),
    .required("admissionReviewVersions", .list(.text), "The versions of AdmissionReview that the webhook reads; v1."),
    .field("rules", .list(.type("RuleWithOperations")), "Which writes the webhook is asked about."),
    .field("namespaceSelector", .type("LabelSelector"), "The labels of the namespaces that are meant."),
    .field("objectSelector", .type("LabelSelector"), "The labels of the objects that are meant, old or new."),
    .field("failurePolicy", .text, "What becomes of a write if the webhook cannot be asked: Fail or Ignore."),
    .field("matchPolicy", .text, "Exact, or Equivalent to be asked about all versions of a resource."),
    .field("timeoutSeconds", .integer, "How long the webhook may take; 1 to 30."),
    .merged("matchConditions", .type("MatchCondition"), by: "name", "Conditions in CEL, all of which must hold."),
  ]

  private static func admissionType(
    _ name: String, _ description: String, _ fields: [DocumentedType.Field]
  ) -> DocumentedType {
    DocumentedType(name: name, package: Self.admissionPackage, description: description, fields: fields)
  }
}
