package import KubernetesModel
package import UmpireModel

/// What the containers of a game run, as one text; another text means that they were changed in place.
package enum ImageSignature {
  /// The images that a Server asks for.
  package static func of(_ server: Server) -> String { Self.text(server.spec.pod.containers) }

  /// The images of a Server's containers in its Pod, where others may have been added.
  package static func of(_ server: Server, in pod: Pod) -> String {
    let names = Set(server.spec.pod.containers.map(\.name))
    return Self.text(pod.spec.containers.filter { names.contains($0.name) })
  }

  private static func text(_ containers: [Container]) -> String {
    containers.map { "\($0.name)=\($0.image ?? "")" }.joined(separator: "\n")
  }
}
