import KubernetesModel

/// The defaults of the specifications of Pods and templates.
enum PodDefaults {
  /// Fills in a specification.
  ///
  /// - Parameter isPod: whether it is a Pod's own; a template's gets less, so that the Pods of it follow the server.
  static func apply(to spec: inout JSONValue, isPod: Bool) {
    guard spec.objectValue != nil else { return }
    spec.dropZeroValues(of: ["hostNetwork", "hostPID", "hostIPC"])
    Self.fill(
      &spec,
      [
        "restartPolicy": "Always", "terminationGracePeriodSeconds": 30, "dnsPolicy": "ClusterFirst",
        "schedulerName": "default-scheduler", "securityContext": .object([:]),
      ])
    if isPod { Self.fill(&spec, ["enableServiceLinks": true]) }
    // The older name of the same field.
    if let account = spec["serviceAccountName"] ?? spec["serviceAccount"], account != "" {
      spec["serviceAccountName"] = account
      spec["serviceAccount"] = account
    }
    let usesHostNetwork = spec["hostNetwork"] == true
    for list in ["initContainers", "containers"] {
      spec.mapElements(list) { container in
        Self.apply(toContainer: &container)
        if isPod { Self.applyPodDefaults(to: &container, usesHostNetwork: usesHostNetwork) }
      }
    }
    spec.mapElements("volumes", Self.apply(toVolume:))
  }

  private static func fill(_ object: inout JSONValue, _ defaults: [String: JSONValue]) {
    guard object.objectValue != nil else { return }
    for (field, value) in defaults where object[field] ?? .null == .null || object[field] == "" {
      object[field] = value
    }
  }

  // MARK: Containers

  private static let probeNumbers: [String: JSONValue] = [
    "timeoutSeconds": 1, "periodSeconds": 10, "successThreshold": 1, "failureThreshold": 3,
  ]

  private static func apply(toContainer container: inout JSONValue) {
    container.dropZeroValues(of: ["stdin", "stdinOnce", "tty"])
    for list in ["env", "ports", "volumeMounts"] {
      container.mapElements(list) { $0.dropZeroValues(of: ["readOnly", "hostPort"]) }
    }
    Self.fill(
      &container,
      [
        "imagePullPolicy": Self.pullPolicy(container["image"]?.stringValue ?? ""),
        "terminationMessagePath": "/dev/termination-log", "terminationMessagePolicy": "File", "resources": .object([:]),
      ])
    container.mapElements("ports") { Self.fill(&$0, ["protocol": "TCP"]) }
    for probe in ["livenessProbe", "readinessProbe", "startupProbe"] {
      container.mapField(probe) { probe in
        for (field, value) in Self.probeNumbers where probe[field] == nil || probe[field] == 0 {
          probe[field] = value
        }
        Self.apply(toHandler: &probe)
        probe.mapField("grpc") { Self.fill(&$0, ["service": ""]) }
      }
    }
    container.mapField("lifecycle") { lifecycle in
      for hook in ["postStart", "preStop"] { lifecycle.mapField(hook, Self.apply(toHandler:)) }
    }
    container.mapElements("env") { variable in
      variable.mapField("valueFrom") { source in
        source.mapField("fieldRef") { Self.fill(&$0, ["apiVersion": "v1"]) }
        source.mapField("resourceFieldRef") { Self.fill(&$0, ["divisor": "0"]) }
      }
    }
    container.mapField("resources") { resources in
      for list in ["limits", "requests"] { resources.canonicalizeQuantities(list) }
    }
  }

  /// `Always` for an image whose tag may move.
  private static func pullPolicy(_ image: String) -> JSONValue {
    let tag = image.split(separator: "/").last.map(String.init) ?? ""
    let isLatest = !image.contains("@") && (!tag.contains(":") || tag.hasSuffix(":latest"))
    return isLatest ? "Always" : "IfNotPresent"
  }

  private static func apply(toHandler handler: inout JSONValue) {
    handler.mapField("httpGet") { Self.fill(&$0, ["path": "/", "scheme": "HTTP"]) }
  }

  private static func applyPodDefaults(to container: inout JSONValue, usesHostNetwork: Bool) {
    container.mapField("resources") { resources in
      guard let limits = resources["limits"]?.objectValue, !limits.isEmpty else { return }
      let requests = resources["requests"]?.objectValue ?? [:]
      resources["requests"] = .object(limits.merging(requests) { _, request in request })
    }
    guard usesHostNetwork else { return }
    container.mapElements("ports") { port in
      if port["hostPort"]?.integerValue ?? 0 == 0 { port["hostPort"] = port["containerPort"] }
    }
  }

  // MARK: Volumes

  private static func apply(toVolume volume: inout JSONValue) {
    guard let fields = volume.objectValue else { return }
    if fields.keys.allSatisfy({ $0 == "name" }) { volume["emptyDir"] = .object([:]) }
    for source in ["secret", "configMap", "downwardAPI", "projected"] {
      volume.mapField(source) { Self.fill(&$0, ["defaultMode": 420]) }
    }
    volume.mapField("hostPath") { if $0["type"] == nil { $0["type"] = "" } }
    volume.mapField("emptyDir") { empty in
      if let limit = Quantity(empty["sizeLimit"]) { empty["sizeLimit"] = .string(limit.description) }
    }
    volume.mapField("downwardAPI", Self.apply(toFiles:))
    volume.mapField("projected") { projected in
      projected.mapElements("sources") { source in
        source.mapField("serviceAccountToken") { Self.fill(&$0, ["expirationSeconds": 3600]) }
        source.mapField("downwardAPI", Self.apply(toFiles:))
      }
    }
  }

  private static func apply(toFiles source: inout JSONValue) {
    source.mapElements("items") { item in
      item.mapField("fieldRef") { Self.fill(&$0, ["apiVersion": "v1"]) }
      item.mapField("resourceFieldRef") { Self.fill(&$0, ["divisor": "0"]) }
    }
  }
}

extension JSONValue {
  /// Changes each element of a list, if there is one.
  mutating func mapElements(_ field: String, _ change: (inout JSONValue) -> Void) {
    guard let elements = self[field]?.arrayValue else { return }
    self[field] = .array(
      elements.map { element in
        var element = element
        change(&element)
        return element
      })
  }

  /// Removes values that kube-apiserver omits: empty strings and lists, nulls, and the zero values of some fields.
  fileprivate mutating func dropZeroValues(of names: Set<String>) {
    guard let fields = self.objectValue else { return }
    self = .object(
      fields.filter { name, value in
        switch value {
        case .null, "", .array([]): false
        case false, 0: !names.contains(name)
        default: true
        }
      })
  }

  /// Changes the object at a field, if there is one.
  mutating func mapField(_ field: String, _ change: (inout JSONValue) -> Void) {
    guard var value = self[field], value.objectValue != nil else { return }
    change(&value)
    self[field] = value
  }
}
