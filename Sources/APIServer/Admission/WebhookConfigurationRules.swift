import KubernetesModel

/// Mutating and validating webhook configurations: defaults, and what can be carried out.
struct WebhookConfigurationRules: KindRules {
  /// How many webhooks a configuration may have.
  static let maximumWebhooks = 100
  static let defaultTimeoutSeconds: Int64 = 10
  static let defaultPort: Int64 = 443

  var isMutating: Bool

  func applyDefaults(to object: inout APIObject) {
    guard let webhooks = object.json["webhooks"]?.arrayValue else { return }
    object.json["webhooks"] = .array(
      webhooks.map { webhook in
        guard webhook.objectValue != nil else { return webhook }
        var webhook = webhook
        webhook.setDefault("failurePolicy", "Fail")
        webhook.setDefault("matchPolicy", "Equivalent")
        webhook.setDefault("timeoutSeconds", .integer(Self.defaultTimeoutSeconds))
        webhook.setDefault("namespaceSelector", [:])
        webhook.setDefault("objectSelector", [:])
        if self.isMutating { webhook.setDefault("reinvocationPolicy", "Never") }
        if webhook["clientConfig"]?["service"]?.objectValue != nil {
          webhook["clientConfig"]?["service"]?.setDefault("port", .integer(Self.defaultPort))
        }
        if let rules = webhook["rules"]?.arrayValue {
          webhook["rules"] = .array(
            rules.map { rule in
              guard rule.objectValue != nil else { return rule }
              var rule = rule
              rule.setDefault("scope", "*")
              return rule
            })
        }
        return webhook
      })
  }

  func faults(in object: APIObject, replacing old: APIObject?) -> [FieldFault] {
    let webhooks = object.json["webhooks"]?.arrayValue ?? []
    guard webhooks.count <= Self.maximumWebhooks else {
      return [.tooMany("webhooks", webhooks.count, Self.maximumWebhooks)]
    }
    var names: Set<JSONValue> = []
    var faults: [FieldFault] = []
    for (index, webhook) in webhooks.enumerated() {
      let path = "webhooks[\(index)]"
      faults += WebhookFaults(webhook: webhook, path: path).all
      if self.isMutating {
        faults += WebhookFaults(webhook: webhook, path: path).of("reinvocationPolicy", ["IfNeeded", "Never"])
      }
      if let name = webhook["name"], !names.insert(name).inserted { faults.append(.duplicate("\(path).name", name)) }
    }
    return faults
  }
}

extension JSONValue {
  /// Sets a field that is absent or null.
  fileprivate mutating func setDefault(_ field: String, _ value: JSONValue) {
    if (self[field] ?? .null).isNull { self[field] = value }
  }
}
