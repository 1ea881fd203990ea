import KubernetesModel

/// Validates probes and lifecycle hooks.
enum ProbeFaults {
  /// The faults of a probe of a kind, such as `livenessProbe`.
  static func all(_ probe: JSONValue, kind: String, path: String) -> [FieldFault] {
    var faults = self.ofHandler(probe, path: path, gracePeriod: nil)
    for field in ["initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold"] {
      FieldSyntax.negative("\(path).\(field)", probe[field]).map { faults.append($0) }
    }
    let grace = probe["terminationGracePeriodSeconds"]?.integerValue
    if let grace, grace <= 0 {
      faults.append(.invalid("\(path).terminationGracePeriodSeconds", .integer(grace), "must be greater than 0"))
    }
    if kind == "readinessProbe" {
      if let grace {
        faults.append(
          .invalid("\(path).terminationGracePeriodSeconds", .integer(grace), "must not be set for readinessProbes"))
      }
    } else if let threshold = probe["successThreshold"]?.integerValue, threshold != 1 {
      faults.append(.invalid("\(path).successThreshold", .integer(threshold), "must be 1"))
    }
    return faults
  }

  /// Returns the faults of a handler, which has exactly one action.
  static func ofHandler(_ handler: JSONValue, path: String, gracePeriod: Int64?) -> [FieldFault] {
    let kinds = ["exec", "httpGet", "tcpSocket", "grpc", "sleep"].filter { handler[$0] ?? .null != .null }
    guard let kind = kinds.first, let action = handler[kind] else {
      return [.required(path, "must specify a handler type")]
    }
    let place = "\(path).\(kind)"
    var faults: [FieldFault] = []
    switch kind {
    case "exec": if (action["command"]?.arrayValue ?? []).isEmpty { faults.append(.required("\(place).command")) }
    case "sleep":
      if let gracePeriod, let seconds = action["seconds"]?.integerValue, !(0...max(0, gracePeriod)).contains(seconds) {
        let detail = "must be non-negative and less than terminationGracePeriodSeconds (\(gracePeriod))"
        faults.append(.invalid(place, .integer(seconds), detail))
      }
    default:
      if let fault = FieldSyntax.fault(inPort: action["port"]) {
        faults.append(.invalid("\(place).port", action["port"] ?? 0, fault))
      }
    }
    if kind == "httpGet" {
      FieldSyntax.unsupported("\(place).scheme", action["scheme"], ["HTTP", "HTTPS"]).map { faults.append($0) }
      for header in action["httpHeaders"]?.arrayValue ?? [] {
        let name = header["name"]?.stringValue ?? ""
        guard !self.isHeaderName(name) else { continue }
        faults.append(
          .invalid(
            "\(place).httpHeaders", .string(name),
            "a valid HTTP header must consist of alphanumeric characters or '-' (e.g. 'X-Header-Name', regex used for "
              + "validation is '[-A-Za-z0-9]+')"))
      }
    }
    return faults
      + kinds.dropFirst().map { .forbidden("\(path).\($0)", "may not specify more than 1 handler type") }
  }

  private static func isHeaderName(_ name: String) -> Bool {
    !name.isEmpty
      && name.utf8.allSatisfy {
        (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0)
          || $0 == UInt8(ascii: "-")
      }
  }
}
