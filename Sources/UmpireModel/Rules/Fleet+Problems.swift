import KubernetesModel

extension Fleet: ConfigurationAsking {
  /// The WebhookConfiguration that its Servers ask.
  public var webhookConfigurationName: String? { self.spec.spec.webhookConfigurationName }

  /// Everything that is wrong with the Fleet, or unwise.
  ///
  /// - Parameters:
  ///   - old: what is replaced; what was wrong with it already is not told again.
  ///   - configuration: the WebhookConfiguration that its Servers name, to compare the gates with; nil where it is not
  ///     known.
  public func problems(
    replacing old: Fleet? = nil, asking configuration: WebhookConfiguration? = nil
  ) -> [FieldProblem] {
    self.problems(replacing: old, asking: configuration) { fleet, configuration in
      var findings = Findings()
      findings.checkOwnName(fleet.metadata)
      findings.check(fleet.spec, asking: configuration, at: "spec")
      return findings
    }
  }
}
