import KubernetesModel

/// Validates the resources of a container.
enum ResourceFaults {
  /// The resources of a container that need no domain.
  private static let containerResources: Set<String> = ["cpu", "memory", "ephemeral-storage"]
  /// The resources of a cluster that need no domain.
  private static let standardResources: Set<String> = [
    "cpu", "memory", "ephemeral-storage", "requests.cpu", "requests.memory", "requests.ephemeral-storage", "limits.cpu",
    "limits.memory", "limits.ephemeral-storage", "pods", "resourcequotas", "services", "replicationcontrollers",
    "secrets", "configmaps", "persistentvolumeclaims", "storage", "requests.storage", "services.nodeports",
    "services.loadbalancers",
  ]

  /// Every fault of a container's resources.
  static func all(_ resources: JSONValue?, path: String) -> [FieldFault] {
    let limits = resources?["limits"]?.objectValue ?? [:]
    let requests = resources?["requests"]?.objectValue ?? [:]
    var faults: [FieldFault] = []
    for (list, amounts) in [("limits", limits), ("requests", requests)] {
      for (name, amount) in amounts.sorted(by: { $0.key < $1.key }) {
        let place = "\(path).\(list)[\(name)]"
        faults += self.nameFaults(name, place) + self.amountFaults(name, amount, place)
      }
    }
    for (name, amount) in requests.sorted(by: { $0.key < $1.key }) {
      guard let request = Quantity(amount) else { continue }
      let mayDiffer = !self.isHugePage(name) && !name.contains("/")
      guard let limit = Quantity(limits[name]) else {
        if !mayDiffer {
          faults.append(.required("\(path).limits", "Limit must be set for non overcommitable resources"))
        }
        continue
      }
      let shown = JSONValue.string(request.description)
      if !mayDiffer, request != limit {
        faults.append(.invalid("\(path).requests", shown, "must be equal to \(name) limit of \(limit)"))
      } else if request > limit {
        faults.append(.invalid("\(path).requests", shown, "must be less than or equal to \(name) limit of \(limit)"))
      }
    }
    return faults
  }

  private static func nameFaults(_ name: String, _ path: String) -> [FieldFault] {
    if let fault = LabelSyntax.fault(inKey: name) { return [.invalid(path, .string(name), fault)] }
    if name.contains("/") || self.containerResources.contains(name) || self.isHugePage(name) { return [] }
    var faults: [FieldFault] = []
    if !self.standardResources.contains(name) {
      faults.append(.invalid(path, .string(name), "must be a standard resource type or fully qualified"))
    }
    return faults + [.invalid(path, .string(name), "must be a standard resource for containers")]
  }

  /// The faults of one amount.
  static func amountFaults(_ name: String, _ amount: JSONValue, _ path: String) -> [FieldFault] {
    guard let quantity = Quantity(amount) else { return [] }
    if quantity.isNegative {
      return [.invalid(path, .string(quantity.description), "must be greater than or equal to 0")]
    }
    let comesInWholes = name.contains("/") || ["pods", "services", "secrets", "configmaps"].contains(name)
    return comesInWholes && !quantity.isWhole
      ? [.invalid(path, .string(quantity.description), "must be an integer")] : []
  }

  private static func isHugePage(_ name: String) -> Bool { name.hasPrefix("hugepages-") }
}
