import KubernetesModel

/// Validates fields that several kinds have, with the messages of kube-apiserver.
enum FieldSyntax {
  static let portRange = "must be between 1 and 65535, inclusive"

  /// Returns the fault of a port's name; nil if it is valid.
  static func fault(inPortName name: String) -> String? {
    if name.utf8.count > 15 { return "must be no more than 15 characters" }
    let bytes = Array(name.utf8)
    let letters = UInt8(ascii: "a")...UInt8(ascii: "z")
    let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
    let hyphen = UInt8(ascii: "-")
    if !bytes.allSatisfy({ letters.contains($0) || digits.contains($0) || $0 == hyphen }) {
      return "must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)"
    }
    if !bytes.contains(where: letters.contains) { return "must contain at least one letter (a-z)" }
    if name.contains("--") { return "must not contain consecutive hyphens" }
    return bytes.first == hyphen || bytes.last == hyphen ? "must not begin or end with a hyphen" : nil
  }

  /// Returns the fault of a port that is a number or a name; nil if it is valid.
  static func fault(inPort port: JSONValue?) -> String? {
    if let name = port?.stringValue { return self.fault(inPortName: name) }
    return (1...65535).contains(port?.integerValue ?? 0) ? nil : self.portRange
  }

  /// The fault of a number that may not be negative.
  static func negative(_ field: String, _ value: JSONValue?) -> FieldFault? {
    guard let number = value?.integerValue, number < 0 else { return nil }
    return .invalid(field, .integer(number), "must be greater than or equal to 0")
  }

  /// The fault of a value that is none of those that there are.
  static func unsupported(_ field: String, _ value: JSONValue?, _ supported: [String]) -> FieldFault? {
    let text = value?.stringValue ?? ""
    if text.isEmpty { return .required(field) }
    return supported.contains(text) ? nil : .notSupported(field, .string(text), supported.map(JSONValue.string))
  }

  /// Returns the fault of a variable's name; nil if it is valid.
  static func fault(inVariable name: String) -> String? {
    let isPrintable = name.utf8.allSatisfy { (0x20...0x7E).contains($0) && $0 != UInt8(ascii: "=") }
    return isPrintable
      ? nil : "a valid environment variable name must consist only of printable ASCII characters other than '='"
  }

  /// Returns the fault of a key of a ConfigMap or a Secret; nil if it is valid.
  static func fault(inConfigKey key: String) -> String? {
    if key.utf8.count > 253 { return "must be no more than 253 characters" }
    let isValid = key.utf8.allSatisfy {
      (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0)
        || [UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: ".")].contains($0)
    }
    if key == "." { return "must not be '.'" }
    if key.hasPrefix("..") { return key == ".." ? "must not be '..'" : "must not start with '..'" }
    guard isValid, !key.isEmpty else {
      return "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or "
        + "'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')"
    }
    return nil
  }

  /// The faults of labels that a selector names exactly.
  static func labelFaults(_ labels: JSONValue?, _ field: String) -> [FieldFault] {
    (labels?.objectValue ?? [:]).sorted { $0.key < $1.key }.flatMap { key, value -> [FieldFault] in
      var faults: [FieldFault] = []
      if let fault = LabelSyntax.fault(inKey: key) { faults.append(.invalid(field, .string(key), fault)) }
      if let text = value.stringValue, let fault = LabelSyntax.fault(inValue: text) {
        faults.append(.invalid(field, .string(text), fault))
      }
      return faults
    }
  }

  /// The faults of a label selector.
  static func selectorFaults(_ selector: JSONValue?, _ field: String) -> [FieldFault] {
    var faults = self.labelFaults(selector?["matchLabels"], "\(field).matchLabels")
    for (index, requirement) in (selector?["matchExpressions"]?.arrayValue ?? []).enumerated() {
      let path = "\(field).matchExpressions[\(index)]"
      let values = requirement["values"]?.arrayValue ?? []
      switch requirement["operator"]?.stringValue ?? "" {
      case "In", "NotIn":
        if values.isEmpty {
          faults.append(.required("\(path).values", "must be specified when `operator` is 'In' or 'NotIn'"))
        }
      case "Exists", "DoesNotExist":
        if !values.isEmpty {
          faults.append(
            .forbidden("\(path).values", "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"))
        }
      case let other: faults.append(.invalid("\(path).operator", .string(other), "not a valid selector operator"))
      }
      let key = requirement["key"]?.stringValue ?? ""
      if let fault = LabelSyntax.fault(inKey: key) { faults.append(.invalid("\(path).key", .string(key), fault)) }
      for (index, value) in values.enumerated() {
        guard let text = value.stringValue, let fault = LabelSyntax.fault(inValue: text) else { continue }
        faults.append(.invalid("\(path).values[\(index)]", value, fault))
      }
    }
    return faults
  }
}
