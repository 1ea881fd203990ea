import KubernetesModel

extension Findings {
  private static let mostContainers = 64

  /// What Umpire itself relies on in a Pod; everything else is kube-apiserver's to judge once the Pod is made.
  mutating func check(_ pod: PodSpec, besides sidecar: SidecarSpec, at path: FieldPath) {
    if pod.fields["containers"]?.arrayValue?.isEmpty ?? true { self.require(path["containers"]) }
    var known: Set<String> = []
    for list in ["containers", "initContainers"] {
      guard let value = pod.fields[list], !value.isNull else { continue }
      guard let containers = value.arrayValue else {
        self.error(.type(path[list].description, value, "must be a list"))
        continue
      }
      self.checkCount(path[list], containers.count, atMost: Self.mostContainers)
      var names: Set<String> = []
      for (index, container) in containers.enumerated() {
        guard let name = self.checkContainer(container, besides: sidecar, at: path[list][index]) else { continue }
        if !names.insert(name).inserted {
          self.error(.duplicate(path[list][index].description, ["name": .string(name)]))
        } else if known.contains(name) {
          self.refuse(path[list][index]["name"], .string(name), "a container and an init container share a name")
        }
      }
      known.formUnion(names)
    }
  }

  /// - Returns: the container's name, if it can be one.
  private mutating func checkContainer(
    _ value: JSONValue, besides sidecar: SidecarSpec, at path: FieldPath
  ) -> String? {
    guard value.objectValue != nil else {
      self.error(.type(path.description, value, "must be an object"))
      return nil
    }
    for field in ["name", "image"] {
      if let text = value[field], !text.isNull, text.stringValue == nil {
        self.error(.type(path[field].description, text, "must be a string"))
        return nil
      }
    }
    let name = value["name"]?.stringValue ?? ""
    self.check(path["name"], name) { LabelSyntax.fault(inLabel: $0) }
    self.checkImage(path["image"], value["image"]?.stringValue ?? "")
    guard sidecar.enabled else { return name.isEmpty ? nil : name }
    if name == SidecarSpec.containerName {
      self.forbid(path["name"], "a container has the name of the sidecar's")
    }
    for (index, port) in (value["ports"]?.arrayValue ?? []).enumerated()
    where port["containerPort"]?.integerValue == sidecar.port && (port["protocol"]?.stringValue ?? "TCP") == "TCP" {
      let detail = "the sidecar listens on this port; give it another with sidecar.port"
      self.warning(.invalid(path["ports"][index]["containerPort"].description, .integer(sidecar.port), detail))
    }
    return name.isEmpty ? nil : name
  }
}
