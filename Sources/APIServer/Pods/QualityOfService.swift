import KubernetesModel

/// How readily a node gives up a Pod that uses more than there is (`status.qosClass`).
enum QualityOfService: String, Sendable {
  case guaranteed = "Guaranteed"
  case burstable = "Burstable"
  case bestEffort = "BestEffort"

  /// Returns the class of a Pod by the CPU and memory requests and limits of its containers.
  init(of spec: JSONValue) {
    let containers = (spec["initContainers"]?.arrayValue ?? []) + (spec["containers"]?.arrayValue ?? [])
    func amount(_ container: JSONValue, _ list: String, _ resource: String) -> Quantity? {
      Quantity(container["resources"]?[list]?[resource]).flatMap { $0 == .zero ? nil : $0 }
    }
    let resources = ["cpu", "memory"]
    let asksForNothing = containers.allSatisfy { container in
      resources.allSatisfy {
        amount(container, "limits", $0) == nil && amount(container, "requests", $0) == nil
      }
    }
    let isExact = containers.allSatisfy { container in
      resources.allSatisfy { resource in
        guard let limit = amount(container, "limits", resource) else { return false }
        return amount(container, "requests", resource).map { $0 == limit } ?? true
      }
    }
    self = asksForNothing ? .bestEffort : isExact ? .guaranteed : .burstable
  }
}
