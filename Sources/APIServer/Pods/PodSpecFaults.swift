import KubernetesModel

/// Validates the specification of a Pod or a template.
struct PodSpecFaults: Sendable {
  var spec: JSONValue
  /// Where the specification is, such as `spec` or `spec.template.spec`.
  var path: String
  /// Whether it is a Pod's own.
  var isPod: Bool

  private var grace: Int64? { self.spec["terminationGracePeriodSeconds"]?.integerValue }

  /// Every fault.
  var all: [FieldFault] {
    let volumes = VolumeFaults(self.spec["volumes"]?.arrayValue ?? [], path: "\(self.path).volumes")
    return volumes.faults + self.containerFaults(volumes.names) + self.initContainerFaults(volumes.names)
      + self.policyFaults + SchedulingFaults(spec: self.spec, path: self.path).all + self.nameFaults + self.hostFaults
  }

  // MARK: Containers

  private func containerFaults(_ volumes: Set<String>) -> [FieldFault] {
    let path = "\(self.path).containers"
    let containers = self.spec["containers"]?.arrayValue ?? []
    if containers.isEmpty { return [.required(path)] }
    var faults: [FieldFault] = []
    var names: Set<String> = []
    var ports: Set<String> = []
    for (index, container) in containers.enumerated() {
      let place = "\(path)[\(index)]"
      let one = ContainerFaults(container: container, path: place, volumes: volumes)
      if !names.insert(one.name).inserted { faults.append(.duplicate("\(place).name", .string(one.name))) }
      faults += one.common
      faults += one.probeFaults(gracePeriod: self.grace)
      if self.isPod { faults += one.imageSpaceFaults }
    }
    for (index, container) in containers.enumerated() {
      faults += ContainerFaults(container: container, path: "\(path)[\(index)]", volumes: volumes)
        .hostPortConflicts(&ports)
    }
    return faults
  }

  private func initContainerFaults(_ volumes: Set<String>) -> [FieldFault] {
    let path = "\(self.path).initContainers"
    var names = Set((self.spec["containers"]?.arrayValue ?? []).compactMap { $0["name"]?.stringValue })
    var faults: [FieldFault] = []
    for (index, container) in (self.spec["initContainers"]?.arrayValue ?? []).enumerated() {
      let place = "\(path)[\(index)]"
      let one = ContainerFaults(container: container, path: place, volumes: volumes)
      faults += one.common
      if !one.name.isEmpty, !names.insert(one.name).inserted {
        faults.append(.duplicate("\(place).name", .string(one.name)))
      }
      let policy = container["restartPolicy"]?.stringValue
      if let policy, !["Always", "OnFailure", "Never"].contains(policy) {
        faults.append(
          .notSupported("\(place).restartPolicy", .string(policy), ["Always", "OnFailure", "Never"]))
      }
      var ports: Set<String> = []
      faults += one.hostPortConflicts(&ports)
      if policy == "Always" {
        faults += one.probeFaults(gracePeriod: self.grace)
      } else {
        for field in ["lifecycle", "livenessProbe", "readinessProbe", "startupProbe"]
        where container[field] ?? .null != .null {
          faults.append(
            .forbidden("\(place).\(field)", "may not be set for init containers without restartPolicy=Always"))
        }
      }
      if self.isPod { faults += one.imageSpaceFaults }
    }
    return faults
  }

  // MARK: The rest

  private var policyFaults: [FieldFault] {
    var faults: [FieldFault] = []
    let policies = [
      ("restartPolicy", ["Always", "OnFailure", "Never"]),
      ("dnsPolicy", ["ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"]),
    ]
    for (field, supported) in policies {
      FieldSyntax.unsupported("\(self.path).\(field)", self.spec[field], supported).map { faults.append($0) }
    }
    if let policy = self.spec["preemptionPolicy"], policy != .null {
      FieldSyntax.unsupported("\(self.path).preemptionPolicy", policy, ["PreemptLowerPriority", "Never"])
        .map { faults.append($0) }
    }
    if let grace = self.grace, grace < 0 {
      faults.append(
        .invalid("\(self.path).terminationGracePeriodSeconds", .integer(grace), "must be greater than or equal to 0"))
    }
    if let deadline = self.spec["activeDeadlineSeconds"]?.integerValue, !(1...Int64(Int32.max)).contains(deadline) {
      faults.append(
        .invalid(
          "\(self.path).activeDeadlineSeconds", .integer(deadline), "must be between 1 and \(Int32.max), inclusive"))
    }
    return faults
  }

  private var nameFaults: [FieldFault] {
    var faults: [FieldFault] = []
    func check(_ field: String, _ fault: (String) -> String?) {
      guard let name = self.spec[field]?.stringValue, !name.isEmpty, let detail = fault(name) else { return }
      faults.append(.invalid("\(self.path).\(field)", .string(name), detail))
    }
    for field in ["hostname", "subdomain"] { check(field) { LabelSyntax.fault(inLabel: $0) } }
    for field in ["serviceAccountName", "nodeName", "priorityClassName", "runtimeClassName"] {
      check(field) { LabelSyntax.fault(inSubdomain: $0) }
    }
    for (index, alias) in (self.spec["hostAliases"]?.arrayValue ?? []).enumerated() {
      let ip = alias["ip"]?.stringValue ?? ""
      if !SchemaFormat.accepts(ip, format: "ipv4"), !SchemaFormat.accepts(ip, format: "ipv6") {
        faults.append(
          .invalid(
            "\(self.path).hostAliases[\(index)].ip", .string(ip),
            "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"))
      }
      for (position, name) in (alias["hostnames"]?.arrayValue ?? []).enumerated() {
        guard let text = name.stringValue, let fault = LabelSyntax.fault(inSubdomain: text) else { continue }
        faults.append(.invalid("\(self.path).hostAliases[\(index)].hostnames[\(position)]", name, fault))
      }
    }
    return faults
  }

  /// The faults of fields that share the node's namespaces.
  private var hostFaults: [FieldFault] {
    var faults: [FieldFault] = []
    let path = "\(self.path).securityContext"
    if self.spec["shareProcessNamespace"] == true, self.spec["hostPID"] == true {
      faults.append(
        .invalid(
          "\(path).shareProcessNamespace", true, "ShareProcessNamespace and HostPID cannot both be enabled"))
    }
    for field in ["fsGroup", "runAsUser", "runAsGroup"] {
      guard let number = self.spec["securityContext"]?[field]?.integerValue, !(0...Int64(Int32.max)).contains(number)
      else { continue }
      faults.append(.invalid("\(path).\(field)", .integer(number), ContainerFaults.identifierRange))
    }
    guard self.spec["hostNetwork"] == true else { return faults }
    for (index, container) in (self.spec["containers"]?.arrayValue ?? []).enumerated() {
      for (position, port) in (container["ports"]?.arrayValue ?? []).enumerated() {
        let host = port["hostPort"]?.integerValue ?? 0
        guard self.isPod || host != 0, host != port["containerPort"]?.integerValue ?? 0 else { continue }
        faults.append(
          .invalid(
            "\(self.path).containers[\(index)].ports[\(position)].hostPort", .integer(host),
            "must match `containerPort` when `hostNetwork` is true"))
      }
    }
    return faults
  }
}
