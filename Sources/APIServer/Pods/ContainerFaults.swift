import KubernetesModel

/// Validates a container.
struct ContainerFaults: Sendable {
  static let identifierRange = "must be between 0 and 2147483647, inclusive"

  var container: JSONValue
  /// Such as `spec.containers[0]`.
  var path: String
  /// The names of the Pod's volumes.
  var volumes: Set<String>

  var name: String { self.container["name"]?.stringValue ?? "" }

  /// The faults that any container may have.
  var common: [FieldFault] {
    var faults: [FieldFault] = []
    if self.name.isEmpty {
      faults.append(.required("\(self.path).name"))
    } else if let fault = LabelSyntax.fault(inLabel: self.name) {
      faults.append(.invalid("\(self.path).name", .string(self.name), fault))
    }
    if (self.container["image"]?.stringValue ?? "").isEmpty { faults.append(.required("\(self.path).image")) }
    FieldSyntax.unsupported(
      "\(self.path).terminationMessagePolicy", self.container["terminationMessagePolicy"],
      ["File", "FallbackToLogsOnError"]
    ).map { faults.append($0) }
    FieldSyntax.unsupported(
      "\(self.path).imagePullPolicy", self.container["imagePullPolicy"], ["Always", "IfNotPresent", "Never"]
    ).map { faults.append($0) }
    return faults + self.portFaults + EnvironmentFaults(container: self.container, path: self.path).all
      + self.mountFaults
      + ResourceFaults.all(self.container["resources"], path: "\(self.path).resources") + self.securityFaults
  }

  var imageSpaceFaults: [FieldFault] {
    guard let image = self.container["image"]?.stringValue,
      image.first?.isWhitespace == true || image.last?.isWhitespace == true
    else { return [] }
    return [.invalid("\(self.path).image", .string(image), "must not have leading or trailing whitespace")]
  }

  // MARK: Ports

  private var portFaults: [FieldFault] {
    var faults: [FieldFault] = []
    var names: Set<String> = []
    for (index, port) in (self.container["ports"]?.arrayValue ?? []).enumerated() {
      let path = "\(self.path).ports[\(index)]"
      if let name = port["name"]?.stringValue, !name.isEmpty {
        if let fault = FieldSyntax.fault(inPortName: name) {
          faults.append(.invalid("\(path).name", .string(name), fault))
        } else if !names.insert(name).inserted {
          faults.append(.duplicate("\(path).name", .string(name)))
        }
      }
      let number = port["containerPort"]?.integerValue ?? 0
      if number == 0 {
        faults.append(.required("\(path).containerPort"))
      } else if !(1...65535).contains(number) {
        faults.append(.invalid("\(path).containerPort", .integer(number), FieldSyntax.portRange))
      }
      if let host = port["hostPort"]?.integerValue, host != 0, !(1...65535).contains(host) {
        faults.append(.invalid("\(path).hostPort", .integer(host), FieldSyntax.portRange))
      }
      FieldSyntax.unsupported("\(path).protocol", port["protocol"], ["SCTP", "TCP", "UDP"]).map { faults.append($0) }
    }
    return faults
  }

  /// The faults of ports of the node that are taken already; `taken` grows by those of this container.
  func hostPortConflicts(_ taken: inout Set<String>) -> [FieldFault] {
    var faults: [FieldFault] = []
    for (index, port) in (self.container["ports"]?.arrayValue ?? []).enumerated() {
      guard let number = port["hostPort"]?.integerValue, number != 0 else { continue }
      let key = "\(port["protocol"]?.stringValue ?? "")/\(port["hostIP"]?.stringValue ?? "")/\(number)"
      if !taken.insert(key).inserted {
        faults.append(.duplicate("\(self.path).ports[\(index)].hostPort", .string(key)))
      }
    }
    return faults
  }

  // MARK: Mounts

  private var mountFaults: [FieldFault] {
    var faults: [FieldFault] = []
    var paths: Set<String> = []
    for (index, mount) in (self.container["volumeMounts"]?.arrayValue ?? []).enumerated() {
      let path = "\(self.path).volumeMounts[\(index)]"
      let name = mount["name"]?.stringValue ?? ""
      if name.isEmpty { faults.append(.required("\(path).name")) }
      if !self.volumes.contains(name) { faults.append(.notFound("\(path).name", .string(name))) }
      let place = mount["mountPath"]?.stringValue ?? ""
      if place.isEmpty { faults.append(.required("\(path).mountPath")) }
      if !paths.insert(place).inserted {
        faults.append(.invalid("\(path).mountPath", .string(place), "must be unique"))
      }
      // The real server names the list here, not the element.
      for field in ["subPath", "subPathExpr"] {
        guard let text = mount[field]?.stringValue, !text.isEmpty else { continue }
        faults += VolumeFaults.relativePathFaults(text, "\(self.path).volumeMounts.\(field)")
      }
      if let sub = mount["subPath"]?.stringValue, !sub.isEmpty, let other = mount["subPathExpr"]?.stringValue,
        !other.isEmpty
      {
        faults.append(
          .invalid("\(path).subPathExpr", .string(other), "subPathExpr and subPath are mutually exclusive"))
      }
      faults += self.propagationFaults(mount["mountPropagation"])
    }
    return faults
  }

  private func propagationFaults(_ propagation: JSONValue?) -> [FieldFault] {
    guard let text = propagation?.stringValue else { return [] }
    let field = "\(self.path).volumeMounts.mountPropagation"
    let supported = ["Bidirectional", "HostToContainer", "None"]
    guard supported.contains(text) else {
      return [.notSupported(field, .string(text), supported.map(JSONValue.string))]
    }
    guard text == "Bidirectional", self.container["securityContext"]?["privileged"] != true else { return [] }
    return [.forbidden(field, "Bidirectional mount propagation is available only to privileged containers")]
  }

  // MARK: Probes

  /// The faults of probes and lifecycle hooks.
  func probeFaults(gracePeriod: Int64?) -> [FieldFault] {
    var faults: [FieldFault] = []
    for hook in ["postStart", "preStop"] {
      guard let handler = self.container["lifecycle"]?[hook], handler != .null else { continue }
      faults += ProbeFaults.ofHandler(handler, path: "\(self.path).lifecycle.\(hook)", gracePeriod: gracePeriod)
    }
    for kind in ["livenessProbe", "readinessProbe", "startupProbe"] {
      guard let probe = self.container[kind], probe != .null else { continue }
      faults += ProbeFaults.all(probe, kind: kind, path: "\(self.path).\(kind)")
    }
    return faults
  }

  // MARK: Security

  private var securityFaults: [FieldFault] {
    guard let context = self.container["securityContext"], context.objectValue != nil else { return [] }
    var faults: [FieldFault] = []
    let path = "\(self.path).securityContext"
    for field in ["runAsUser", "runAsGroup"] {
      guard let number = context[field]?.integerValue, !(0...Int64(Int32.max)).contains(number) else { continue }
      faults.append(.invalid("\(path).\(field)", .integer(number), Self.identifierRange))
    }
    if context["allowPrivilegeEscalation"] == false {
      if context["privileged"] == true {
        faults.append(
          .invalid(path, context, "cannot set `allowPrivilegeEscalation` to false and `privileged` to true"))
      }
      let added = context["capabilities"]?["add"]?.arrayValue ?? []
      if added.contains("CAP_SYS_ADMIN") {
        faults.append(
          .invalid(path, context, "cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN")
        )
      }
    }
    return faults
  }
}
