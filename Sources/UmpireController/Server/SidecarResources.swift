package import KubernetesModel

/// Requests and limits of the sidecar's container.
package struct SidecarResources: Sendable, Hashable, CustomStringConvertible {
  /// Quantities by the name of the resource.
  package var requests: [String: String]
  /// Quantities by the name of the resource.
  package var limits: [String: String]

  package init(requests: [String: String] = [:], limits: [String: String] = [:]) {
    self.requests = requests
    self.limits = limits
  }

  /// What a LimitRange with a minimum of 50m and 64Mi and a ratio of 2 admits, and a quota on each resource.
  ///
  /// A sidecar uses 5 to 10 MiB of its own memory and, when idle, no processor time.
  package static let standard = SidecarResources(
    requests: ["cpu": "50m", "memory": "64Mi"], limits: ["cpu": "100m", "memory": "128Mi"])

  /// As a container holds them.
  package var json: JSONValue {
    var fields: JSONValue = [:]
    if !self.requests.isEmpty { fields["requests"] = .object(self.requests.mapValues(JSONValue.string)) }
    if !self.limits.isEmpty { fields["limits"] = .object(self.limits.mapValues(JSONValue.string)) }
    return fields
  }

  /// `requests cpu=50m, memory=64Mi and limits cpu=100m, memory=128Mi`.
  package var description: String {
    "requests \(Self.text(self.requests)) and limits \(Self.text(self.limits))"
  }

  /// Reads `cpu=50m,memory=64Mi`, the form of `kubectl set resources`; an empty text for none.
  ///
  /// - Returns: nil for a text of another form or a quantity that Kubernetes does not know.
  package static func quantities(_ text: String) -> [String: String]? {
    var found: [String: String] = [:]
    for pair in text.split(separator: ",", omittingEmptySubsequences: !text.contains(",")) {
      let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2, Self.isName(parts[0]), Quantity(parts[1])?.isNegative == false,
        found[String(parts[0])] == nil
      else {
        return nil
      }
      found[String(parts[0])] = String(parts[1])
    }
    return found
  }

  private static func text(_ quantities: [String: String]) -> String {
    if quantities.isEmpty { return "none" }
    return quantities.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: ", ")
  }

  private static func isName(_ text: Substring) -> Bool {
    !text.isEmpty && text.utf8.count <= 63 && LabelSyntax.fault(inKey: String(text)) == nil
  }
}
