import KubernetesModel
import UmpireModel

/// What a Server's condition says when the API server refuses its Pod.
enum PodRefusal {
  /// The API server's words, and where they are about resources what each container has.
  ///
  /// A LimitRange names no container, and the sidecar's is not in the studio's Pod.
  static func message(_ text: String, for server: Server, defaults: SidecarDefaults) -> String {
    guard server.spec.sidecar.enabled, Self.mayConcernSidecar(text) else { return text }
    let sidecar =
      server.spec.sidecar.resources == nil
      ? "\(defaults.resources)" : Self.resources(server.spec.sidecar.resources)
    let containers =
      server.spec.pod.containers.map { ($0.name, Self.resources($0.fields["resources"])) }
      + [(SidecarSpec.containerName, sidecar)]
    return text + "; " + containers.map { "\($0) has \($1)" }.joined(separator: "; ")
      + "; sidecar.resources of the Fleet or of a new Server sets those of \(SidecarSpec.containerName)"
  }

  /// Whether a LimitRange rejects what a container has, or a ResourceQuota requires what the sidecar lacks.
  private static func mayConcernSidecar(_ text: String) -> Bool {
    if text.contains("must specify") { return text.contains(SidecarSpec.containerName) }
    return ["usage per Container", "limit to request ratio", "usage per Pod"].contains { text.contains($0) }
  }

  private static func resources(_ resources: JSONValue?) -> String {
    let parts = ["requests", "limits"].compactMap { field -> String? in
      guard let quantities = resources?[field]?.objectValue, !quantities.isEmpty else { return nil }
      let list = quantities.sorted { $0.key < $1.key }.map { name, value in
        "\(name)=\(value.stringValue ?? value.integerValue.map(String.init) ?? "?")"
      }
      return "\(field) \(list.joined(separator: ", "))"
    }
    return parts.isEmpty ? "no requests and no limits" : parts.joined(separator: " and ")
  }
}
