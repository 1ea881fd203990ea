import KubernetesModel

extension Findings {
  /// What a Fleet is to be, wherever it stands.
  mutating func check(_ spec: FleetSpec, asking configuration: WebhookConfiguration?, at path: FieldPath) {
    self.check(path["scaling"]["replicas"], spec.scaling.replicas, in: 0...Self.mostReplicas)
    self.check(spec.spec, asking: configuration, at: path["spec"])
  }

  mutating func check(_ spec: GameTypeSpec, asking configuration: WebhookConfiguration?, at path: FieldPath) {
    self.check(spec.fleetSpec, asking: configuration, at: path["fleetSpec"])
    self.check(spec.updateStrategy.rollingUpdate, at: path["updateStrategy"]["rollingUpdate"])
    self.check(path["progressDeadlineSeconds"], spec.progressDeadlineSeconds, in: 1...Int64(Int32.max))
  }

  private mutating func check(_ steps: UpdateStrategy.RollingUpdate, at path: FieldPath) {
    self.check(path["maxSurge"], steps.maxSurge, atLeast: 0)
    self.check(path["maxUnavailable"], steps.maxUnavailable, atLeast: 0)
    if steps.maxSurge.isZero, steps.maxUnavailable.isZero {
      self.refuse(
        path["maxUnavailable"], steps.maxUnavailable.json, "maxSurge and maxUnavailable cannot both be zero")
    }
  }
}

extension IntegerOrPercent {
  var isZero: Bool {
    switch self {
    case .integer(let number), .percent(let number): number == 0
    }
  }

  var json: JSONValue {
    switch self {
    case .integer(let number): .integer(number)
    case .percent(let percent): .string("\(percent)%")
    }
  }
}
