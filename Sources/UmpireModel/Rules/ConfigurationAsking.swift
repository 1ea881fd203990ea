/// A kind whose objects name a WebhookConfiguration, with which they are compared where it is known.
protocol ConfigurationAsking {
  /// The WebhookConfiguration to ask.
  var webhookConfigurationName: String? { get }
}

extension ConfigurationAsking {
  /// The problems that a change brings, or all of them where nothing is replaced.
  ///
  /// - Parameter findings: everything that is wrong with an object, asking a configuration.
  func problems(
    replacing old: Self?, asking configuration: WebhookConfiguration?,
    _ findings: (Self, WebhookConfiguration?) -> Findings
  ) -> [FieldProblem] {
    let problems = findings(self, configuration).problems
    guard let old else { return problems }
    // What was asked before is not known any more.
    let isSame = old.webhookConfigurationName == self.webhookConfigurationName
    return problems.brought(to: findings(old, isSame ? configuration : nil).problems)
  }
}
