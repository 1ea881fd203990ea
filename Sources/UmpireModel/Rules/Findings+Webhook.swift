import KubernetesModel

extension Findings {
  /// One webhook of a WebhookConfiguration.
  mutating func check(_ webhook: Webhook, at path: FieldPath) {
    self.checkType(path["name"], webhook.name)
    if webhook.isReserved, webhook.type != .scaling {
      self.forbid(path["name"], "the name is that of a condition that Umpire writes itself")
    }
    self.check(webhook.clientConfig, at: path["clientConfig"])
    self.check(path["timeoutSeconds"], webhook.timeoutSeconds, in: Self.timeouts)
    self.check(path["periodSeconds"], webhook.periodSeconds, in: 1...86_400)
    self.check(path["failureThreshold"], webhook.failureThreshold, in: Self.thresholds)
    if let secret = webhook.signingSecretRef {
      self.checkName(path["signingSecretRef"]["name"], secret.name)
      self.check(path["signingSecretRef"]["key"], secret.key, by: Self.fault(inSecretKey:))
    }
    if let secret = webhook.clientCertificateRef {
      self.checkName(path["clientCertificateRef"]["name"], secret.name)
      if !webhook.clientConfig.isAskedOverTLS {
        self.forbid(
          path["clientCertificateRef"], "a client certificate needs a url with https, or a service with a caBundle")
      }
    }
  }

  private mutating func check(_ configuration: WebhookClientConfig, at path: FieldPath) {
    let detail = "exactly one of url and service must be given"
    switch (configuration.url, configuration.service) {
    case (nil, nil): self.require(path, detail)
    case (_?, _?): self.forbid(path, detail)
    default: ()
    }
    if let url = configuration.url { self.checkURL(url, at: path["url"]) }
    if let service = configuration.service { self.check(service, at: path["service"]) }
    if let bundle = configuration.caBundle { self.checkBundle(bundle, url: configuration.url, at: path["caBundle"]) }
  }

  private static func fault(inSecretKey key: String) -> String? {
    if key.utf8.count > 253 { return "must be no more than 253 bytes" }
    let isKey = key.unicodeScalars.allSatisfy { scalar in
      switch scalar {
      case "a"..."z", "A"..."Z", "0"..."9", "-", "_", ".": true
      default: false
      }
    }
    return isKey ? nil : "must consist of alphanumeric characters, '-', '_' or '.'"
  }
}

extension Webhook {
  /// Whether its condition would be one that Umpire itself writes.
  public var isReserved: Bool {
    [ConditionTypes.ready, ConditionTypes.deletable, ConditionTypes.shutdownRequested].contains(self.name)
  }
}

extension WebhookClientConfig {
  /// Whether TLS is spoken: with a URL by its scheme, with a Service if there is a caBundle.
  var isAskedOverTLS: Bool { self.url.map { $0.hasPrefix("https://") } ?? (self.caBundle != nil) }
}
