import KubernetesModel

/// Validates a container's environment.
struct EnvironmentFaults: Sendable {
  var container: JSONValue
  /// The container's.
  var path: String

  /// The fields of a Pod that a variable can take.
  private static let fields = [
    "metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName", "spec.serviceAccountName", "status.hostIP",
    "status.hostIPs", "status.podIP", "status.podIPs",
  ]
  /// The amounts of a container that a variable or a file can take.
  private static let resources = [
    "limits.cpu", "limits.ephemeral-storage", "limits.memory", "requests.cpu", "requests.ephemeral-storage",
    "requests.memory",
  ]

  /// Every fault.
  var all: [FieldFault] { self.variableFaults + self.sourceFaults }

  private var variableFaults: [FieldFault] {
    (self.container["env"]?.arrayValue ?? []).enumerated().flatMap { index, variable -> [FieldFault] in
      let path = "\(self.path).env[\(index)]"
      var faults: [FieldFault] = []
      let name = variable["name"]?.stringValue ?? ""
      if name.isEmpty {
        faults.append(.required("\(path).name"))
      } else if let fault = FieldSyntax.fault(inVariable: name) {
        faults.append(.invalid("\(path).name", .string(name), fault))
      }
      guard let source = variable["valueFrom"], source != .null else { return faults }
      return faults + Self.faults(inSource: source, value: variable["value"], path: "\(path).valueFrom")
    }
  }

  private static func faults(inSource source: JSONValue, value: JSONValue?, path: String) -> [FieldFault] {
    var faults: [FieldFault] = []
    let kinds = ["fieldRef", "resourceFieldRef", "configMapKeyRef", "secretKeyRef"].filter {
      source[$0] ?? .null != .null
    }
    for kind in kinds {
      let place = "\(path).\(kind)"
      switch kind {
      case "fieldRef": faults += Self.fieldFaults(source[kind] ?? .null, place, Self.fields)
      case "resourceFieldRef": faults += Self.resourceFaults(source[kind] ?? .null, place, isFile: false)
      default: faults += Self.keyFaults(source[kind] ?? .null, place)
      }
    }
    if kinds.isEmpty {
      faults.append(
        .invalid(
          path, "", "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`"))
    } else if value?.stringValue?.isEmpty == false {
      faults.append(.invalid(path, "", "may not be specified when `value` is not empty"))
    } else if kinds.count > 1 {
      faults.append(.invalid(path, "", "may not have more than one field specified at a time"))
    }
    return faults
  }

  /// The faults of a field of the Pod that is to be taken; `allowed` are those that can be.
  static func fieldFaults(_ reference: JSONValue, _ path: String, _ allowed: [String]) -> [FieldFault] {
    let field = reference["fieldPath"]?.stringValue ?? ""
    if field.isEmpty { return [.required("\(path).fieldPath")] }
    if let start = field.firstIndex(of: "["), field.hasSuffix("']") {
      let name = field[..<start]
      let key = field[start...].dropFirst(2).dropLast(2)
      guard ["metadata.annotations", "metadata.labels"].contains(name) else {
        return [.invalid(path, .string(String(name)), "does not support subscript")]
      }
      let text = name == "metadata.annotations" ? key.lowercased() : String(key)
      return LabelSyntax.fault(inKey: text).map { [.invalid(path, .string(text), $0)] } ?? []
    }
    if allowed.contains(field) { return [] }
    let known = field.hasPrefix("metadata.") || field.hasPrefix("spec.") || field.hasPrefix("status.")
    let isServed =
      Self.fields.contains(field) || ["metadata.annotations", "metadata.labels", "spec.restartPolicy"].contains(field)
    guard known, isServed else {
      return [
        .invalid(
          "\(path).fieldPath", .string(field), "error converting fieldPath: field label not supported: \(field)")
      ]
    }
    return [.notSupported("\(path).fieldPath", .string(field), allowed.map(JSONValue.string))]
  }

  /// The faults of an amount of a container that is to be taken.
  static func resourceFaults(_ reference: JSONValue, _ path: String, isFile: Bool) -> [FieldFault] {
    let resource = reference["resource"]?.stringValue ?? ""
    if isFile, (reference["containerName"]?.stringValue ?? "").isEmpty { return [.required("\(path).containerName")] }
    if resource.isEmpty { return [.required("\(path).resource")] }
    let isHugePage = resource.hasPrefix("limits.hugepages-") || resource.hasPrefix("requests.hugepages-")
    guard Self.resources.contains(resource) || isHugePage else {
      return [.notSupported("\(path).resource", .string(resource), Self.resources.map(JSONValue.string))]
    }
    guard let divisor = Quantity(reference["divisor"]), divisor != .zero else { return [] }
    let allowed =
      resource.hasSuffix(".cpu")
      ? ["1m", "1"]
      : ["1", "1k", "1M", "1G", "1T", "1P", "1E", "1Ki", "1Mi", "1Gi", "1Ti", "1Pi", "1Ei"]
    if allowed.contains(divisor.description) { return [] }
    return [
      .invalid(
        "\(path).divisor", .string(resource), "only divisor's values \(allowed.joined(separator: ", ")) are supported")
    ]
  }

  private static func keyFaults(_ reference: JSONValue, _ path: String) -> [FieldFault] {
    var faults: [FieldFault] = []
    let name = reference["name"]?.stringValue ?? ""
    if let fault = LabelSyntax.fault(inSubdomain: name) {
      faults.append(.invalid("\(path).name", .string(name), fault))
    }
    let key = reference["key"]?.stringValue ?? ""
    if key.isEmpty {
      faults.append(.required("\(path).key"))
    } else if let fault = FieldSyntax.fault(inConfigKey: key) {
      faults.append(.invalid("\(path).key", .string(key), fault))
    }
    return faults
  }

  private var sourceFaults: [FieldFault] {
    let list = "\(self.path).envFrom"
    return (self.container["envFrom"]?.arrayValue ?? []).enumerated().flatMap { index, source -> [FieldFault] in
      let path = "\(list)[\(index)]"
      var faults: [FieldFault] = []
      if let prefix = source["prefix"]?.stringValue, let fault = FieldSyntax.fault(inVariable: prefix) {
        faults.append(.invalid("\(path).prefix", .string(prefix), fault))
      }
      let kinds = ["configMapRef", "secretRef"].filter { source[$0] ?? .null != .null }
      for kind in kinds {
        let name = source[kind]?["name"]?.stringValue ?? ""
        if name.isEmpty {
          faults.append(.required("\(path).\(kind).name"))
        } else if let fault = LabelSyntax.fault(inSubdomain: name) {
          faults.append(.invalid("\(path).\(kind).name", .string(name), fault))
        }
      }
      // The real server names the list here, not the element.
      if kinds.isEmpty {
        faults.append(.invalid(list, "", "must specify one of: `configMapRef` or `secretRef`"))
      } else if kinds.count > 1 {
        faults.append(.invalid(list, "", "may not have more than one field specified at a time"))
      }
      return faults
    }
  }
}
