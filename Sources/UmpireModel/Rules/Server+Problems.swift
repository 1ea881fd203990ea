import KubernetesModel

extension Server: ConfigurationAsking {
  /// Everything that is wrong with the Server, or unwise.
  ///
  /// - Parameters:
  ///   - old: what is replaced; what was wrong with it already is not told again.
  ///   - configuration: the WebhookConfiguration that the Server names, to compare the gates with; nil where it is
  ///     not known.
  public func problems(
    replacing old: Server? = nil, asking configuration: WebhookConfiguration? = nil
  ) -> [FieldProblem] {
    var change = Findings()
    if let old { change.checkChange(from: old.spec, to: self.spec) }
    return change.problems
      + self.problems(replacing: old, asking: configuration) { server, configuration in
        var findings = Findings()
        findings.checkOwnName(server.metadata)
        findings.checkAnnotations(server.metadata)
        findings.check(server.spec, asking: configuration, at: "spec")
        return findings
      }
  }
}

extension Findings {
  /// What a running Server cannot follow.
  fileprivate mutating func checkChange(from old: ServerSpec, to new: ServerSpec) {
    let path: FieldPath = "spec"
    if Self.comparable(old.pod) != Self.comparable(new.pod) { self.forbid(path["pod"], "pod is immutable") }
    // A set: its order says nothing.
    if Set(old.readinessGates) != Set(new.readinessGates) {
      self.forbid(path["readinessGates"], "readinessGates is immutable")
    }
    if old.sidecar != new.sidecar { self.forbid(path["sidecar"], "sidecar is immutable") }
  }

  /// A Pod whose containers stand in the order of their names: to the API both lists are maps.
  private static func comparable(_ pod: PodSpec) -> PodSpec {
    var pod = pod
    for list in ["containers", "initContainers"] {
      guard let containers = pod.fields[list]?.arrayValue else { continue }
      pod.fields[list] = .array(
        containers.sorted { ($0["name"]?.stringValue ?? "") < ($1["name"]?.stringValue ?? "") })
    }
    return pod
  }

  fileprivate mutating func checkAnnotations(_ metadata: ObjectMeta) {
    let path = FieldPath("metadata.annotations")
    if let cost = metadata.annotation(Annotations.deletionCost), Int64(cost) == nil {
      self.warning(
        .invalid(path.entry(Annotations.deletionCost).description, .string(cost), "must be an integer to count"))
    }
    if let name = metadata.annotation(Annotations.webhookConfigurationName),
      let fault = LabelSyntax.fault(inSubdomain: name)
    {
      self.warning(
        .invalid(path.entry(Annotations.webhookConfigurationName).description, .string(name), fault))
    }
  }
}
