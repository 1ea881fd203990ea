import KubernetesModel

extension Findings {
  /// - Parameter configuration: the WebhookConfiguration that `configurationRef` names, where it is known.
  mutating func check(
    _ spec: GameAutoscalerSpec, asking configuration: WebhookConfiguration?, at path: FieldPath
  ) {
    self.checkName(path["gameName"], spec.gameName)
    self.check(spec.policy.webhook, asking: configuration, at: path["policy"]["webhook"])
    self.checkInterval(spec.sync.interval, at: path["sync"]["interval"])
    self.check(path["minReplicas"], spec.minReplicas, in: 0...Self.mostReplicas)
    self.check(path["maxReplicas"], spec.maxReplicas, in: 0...Self.mostReplicas)
    if spec.minReplicas > spec.maxReplicas {
      self.refuse(path["minReplicas"], .integer(spec.minReplicas), "minReplicas must not be greater than maxReplicas")
    }
    self.check(spec.behavior.scaleUp, at: path["behavior"]["scaleUp"])
    self.check(spec.behavior.scaleDown, at: path["behavior"]["scaleDown"])
    if let replicas = spec.fallbackReplicas {
      self.check(path["fallbackReplicas"], replicas, in: 0...Self.mostReplicas)
    } else if spec.effectiveFailurePolicy == .fallback {
      self.require(path["fallbackReplicas"], "failurePolicy Fallback needs fallbackReplicas")
    }
    self.check(path["failureThreshold"], spec.failureThreshold, in: Self.thresholds)
  }

  private mutating func checkInterval(_ interval: GoDuration, at path: FieldPath) {
    self.check(path, interval)
    if interval.duration >= .zero, interval < GoDuration(.seconds(1)) {
      self.refuse(path, .string(interval.description), "interval must be at least 1s")
    }
  }

  private mutating func check(_ rules: GameAutoscalerSpec.Rules, at path: FieldPath) {
    self.check(path["stabilizationWindow"], rules.stabilizationWindow)
    if let step = rules.maxStep { self.check(path["maxStep"], step, atLeast: 1) }
  }

  private mutating func check(
    _ endpoint: ScalingEndpoint, asking configuration: WebhookConfiguration?, at path: FieldPath
  ) {
    self.checkChoice(endpoint, at: path)
    if let url = endpoint.url { self.checkURL(url, at: path["url"]) }
    if let text = endpoint.path { self.checkPath(text, at: path["path"]) }
    if let service = endpoint.service { self.check(service, at: path["service"]) }
    if let bundle = endpoint.caBundle { self.checkBundle(bundle, url: endpoint.url, at: path["caBundle"]) }
    if let reference = endpoint.configurationRef {
      self.checkName(path["configurationRef"]["name"], reference.name)
      if let webhook = reference.webhook { self.checkType(path["configurationRef"]["webhook"], webhook) }
      if let configuration { self.check(reference, in: configuration, at: path["configurationRef"]) }
    }
    self.check(path["timeoutSeconds"], endpoint.timeoutSeconds, in: Self.timeouts)
    self.checkCount(path["parameters"], endpoint.parameters.count, atMost: 64)
    for (key, value) in endpoint.parameters.sorted(by: { $0.key < $1.key }) {
      self.check(path["parameters"].entry(key), value, atMost: 4096)
    }
  }

  private mutating func checkChoice(_ endpoint: ScalingEndpoint, at path: FieldPath) {
    let given = [endpoint.url != nil, endpoint.service != nil, endpoint.configurationRef != nil].count { $0 }
    let detail = "exactly one of url, service and configurationRef must be given"
    if given == 0 { self.require(path, detail) }
    if given > 1 { self.forbid(path, detail) }
    if endpoint.configurationRef != nil, endpoint.path != nil || endpoint.caBundle != nil {
      self.forbid(
        path["configurationRef"], "path and caBundle belong to a url or a service, not to configurationRef")
    }
  }

  /// A configuration can still be changed after the autoscaler, so these are warnings.
  private mutating func check(
    _ reference: ScalingEndpoint.ConfigurationReference, in configuration: WebhookConfiguration, at path: FieldPath
  ) {
    guard let name = reference.webhook else {
      let count = configuration.webhooks.count { $0.type == .scaling }
      if count != 1 {
        let detail = "WebhookConfiguration \"\(reference.name)\" has \(count) ScalingWebhooks; name one with webhook"
        self.warning(.invalid(path["name"].description, .string(reference.name), detail))
      }
      return
    }
    let webhook = configuration.webhooks.first { $0.name == name }
    guard webhook?.type != .scaling else { return }
    let detail =
      webhook.map { "the webhook of this name is a \($0.type.rawValue), not a \(WebhookType.scaling.rawValue)" }
      ?? "WebhookConfiguration \"\(reference.name)\" has no webhook of this name"
    self.warning(.invalid(path["webhook"].description, .string(name), detail))
  }
}
