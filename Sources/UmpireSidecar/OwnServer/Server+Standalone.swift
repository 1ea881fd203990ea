package import FoundationEssentials
import KubernetesModel
package import UmpireModel

extension Server {
  /// A Server that exists in memory only, for a developer's own machine: ready, and with nobody above it.
  ///
  /// - Parameter environment: may name it, by `SERVER_NAME` and `POD_NAMESPACE`.
  package static func standalone(environment: [String: String], now: Date = Date()) -> Server {
    func value(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
    var metadata = ObjectMeta(
      name: value("SERVER_NAME") ?? "standalone", namespace: value("POD_NAMESPACE") ?? "default")
    metadata.uid = UUID().uuidString.lowercased()
    metadata.resourceVersion = "1"
    metadata.generation = 1
    metadata.creationTimestamp = Timestamp(secondsSinceEpoch: Int64(now.timeIntervalSince1970))
    var status = ServerStatus(state: .ready)
    status.address = "127.0.0.1"
    let game = Container(name: "game", image: "standalone")
    return Server(metadata: metadata, spec: ServerSpec(pod: PodSpec(containers: [game])), status: status)
  }
}
