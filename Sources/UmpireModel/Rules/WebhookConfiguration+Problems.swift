import KubernetesModel

extension WebhookConfiguration {
  /// Everything that is wrong with the configuration, or unwise.
  ///
  /// Whether certificates have expired is left to the status: it changes by itself.
  ///
  /// - Parameter old: what is replaced; what was wrong with it already is not told again.
  public func problems(replacing old: WebhookConfiguration? = nil) -> [FieldProblem] {
    let problems = self.findings.problems
    return old.map { problems.brought(to: $0.findings.problems) } ?? problems
  }

  private var findings: Findings {
    var findings = Findings()
    let path: FieldPath = "webhooks"
    findings.checkCount(path, self.webhooks.count, atMost: 64)
    findings.checkUnique(path, self.webhooks.map(\.name)) { ["name": .string($0)] }
    for (index, webhook) in self.webhooks.enumerated() { findings.check(webhook, at: path[index]) }
    return findings
  }
}
