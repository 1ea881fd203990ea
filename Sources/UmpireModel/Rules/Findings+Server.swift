import KubernetesModel

extension Findings {
  private static let mostEntries = 32

  /// What a Server is to be, wherever it stands.
  ///
  /// - Parameter configuration: the WebhookConfiguration that is asked, where it is known.
  mutating func check(_ spec: ServerSpec, asking configuration: WebhookConfiguration?, at path: FieldPath) {
    self.check(spec.pod, besides: spec.sidecar, at: path["pod"])
    self.check(path["timeout"], spec.timeout)
    self.check(path["nodeLossTimeout"], spec.nodeLossTimeout)
    if let name = spec.gameContainer { self.checkGameContainer(path["gameContainer"], name, in: spec.pod) }
    self.checkGates(spec.readinessGates, .readiness, configuration, at: path["readinessGates"])
    self.checkGates(spec.deletableGates, .deletable, configuration, at: path["deletableGates"])
    self.check(spec.constraints, at: path["constraints"])
    if let name = spec.webhookConfigurationName { self.checkName(path["webhookConfigurationName"], name) }
    self.check(spec.sidecar, at: path["sidecar"])
  }

  private mutating func checkGameContainer(_ path: FieldPath, _ name: String, in pod: PodSpec) {
    self.check(path, name) { LabelSyntax.fault(inLabel: $0) }
    if !pod.containers.contains(where: { $0.name == name }) {
      self.refuse(path, .string(name), "gameContainer is no container of the Pod")
    }
  }

  private mutating func check(_ constraints: [Constraint], at path: FieldPath) {
    self.checkCount(path, constraints.count, atMost: Self.mostEntries)
    self.checkUnique(path, constraints.map(\.type)) { ["type": .string($0)] }
    for (index, constraint) in constraints.enumerated() {
      self.checkType(path[index]["type"], constraint.type)
      if let message = constraint.message { self.check(path[index]["message"], message, atMost: 1024) }
    }
  }

  private mutating func check(_ sidecar: SidecarSpec, at path: FieldPath) {
    self.check(path["port"], sidecar.port, in: 1...65_535)
    if [9020, 9021].contains(sidecar.port) {
      self.refuse(path["port"], .integer(sidecar.port), "9020 and 9021 are the ports of the SDK")
    }
    if let image = sidecar.image { self.checkImage(path["image"], image) }
    if let name = sidecar.configMapName { self.checkName(path["configMapName"], name) }
  }

  // MARK: Gates

  private mutating func checkGates(
    _ gates: [String], _ type: WebhookType, _ configuration: WebhookConfiguration?, at path: FieldPath
  ) {
    self.checkCount(path, gates.count, atMost: Self.mostEntries)
    self.checkUnique(path, gates)
    for (index, gate) in gates.enumerated() {
      self.checkType(path[index], gate)
      if let doubt = Self.doubt(of: gate, type, configuration) {
        self.warning(.invalid(path[index].description, .string(gate), doubt))
      }
    }
  }

  /// Why a gate will perhaps never open.
  private static func doubt(
    of gate: String, _ type: WebhookType, _ configuration: WebhookConfiguration?
  ) -> String? {
    if gate == (type == .readiness ? ConditionTypes.ready : ConditionTypes.deletable) {
      return "this condition follows from the gates, and opens none of them"
    }
    // The sidecar sets these itself.
    if gate == ConditionTypes.deleteAllowed || gate == ConditionTypes.shutdownRequested { return nil }
    guard let configuration else { return nil }
    let name = configuration.metadata.name ?? ""
    guard let webhook = configuration.webhooks.first(where: { $0.name == gate }) else {
      return "WebhookConfiguration \"\(name)\" has no webhook of this name"
    }
    guard webhook.type != type else { return nil }
    return "the webhook of this name in WebhookConfiguration \"\(name)\" is a \(webhook.type.rawValue), not a "
      + type.rawValue
  }
}
