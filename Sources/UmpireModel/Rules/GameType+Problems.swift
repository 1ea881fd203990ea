import KubernetesModel

extension GameType: ConfigurationAsking {
  /// The WebhookConfiguration that its Servers ask.
  public var webhookConfigurationName: String? { self.spec.fleetSpec.spec.webhookConfigurationName }

  /// Everything that is wrong with the GameType, or unwise.
  ///
  /// - Parameters:
  ///   - old: what is replaced; what was wrong with it already is not told again.
  ///   - configuration: the WebhookConfiguration that its Servers name, to compare the gates with; nil where it is not
  ///     known.
  public func problems(
    replacing old: GameType? = nil, asking configuration: WebhookConfiguration? = nil
  ) -> [FieldProblem] {
    self.problems(replacing: old, asking: configuration) { gameType, configuration in
      var findings = Findings()
      findings.checkOwnName(gameType.metadata)
      findings.check(gameType.spec, asking: configuration, at: "spec")
      return findings
    }
  }
}
