import KubernetesModel

extension GameAutoscaler: ConfigurationAsking {
  /// The WebhookConfiguration whose ScalingWebhook is asked, if it is one.
  public var webhookConfigurationName: String? { self.spec.policy.webhook.configurationRef?.name }

  /// Everything that is wrong with the autoscaler, or unwise.
  ///
  /// - Parameters:
  ///   - old: what is replaced; what was wrong with it already is not told again.
  ///   - others: the autoscalers that there are already; those of other namespaces do not matter, nor does this one.
  ///   - configuration: the WebhookConfiguration that `configurationRef` names; nil where it is not known.
  public func problems(
    replacing old: GameAutoscaler? = nil, beside others: [GameAutoscaler] = [],
    asking configuration: WebhookConfiguration? = nil
  ) -> [FieldProblem] {
    self.problems(replacing: old, asking: configuration) { autoscaler, configuration in
      var findings = Findings()
      findings.check(autoscaler.spec, asking: configuration, at: "spec")
      findings.check(autoscaler, beside: others)
      return findings
    }
  }
}

extension Findings {
  fileprivate mutating func check(_ autoscaler: GameAutoscaler, beside others: [GameAutoscaler]) {
    let game = autoscaler.spec.gameName
    let rival = others.first { other in
      other.key != autoscaler.key && other.metadata.namespace == autoscaler.metadata.namespace
        && other.spec.gameName == game && !other.metadata.isBeingDeleted
    }
    guard let rival else { return }
    let fault = FieldFault.duplicate("spec.gameName", .string(game))
    let detail = "GameAutoscaler \"\(rival.metadata.name ?? "")\" scales this GameType already"
    self.error(FieldFault(field: fault.field, reason: fault.reason, message: "\(fault.message): \(detail)"))
  }
}
