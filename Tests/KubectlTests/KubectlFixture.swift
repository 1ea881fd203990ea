import APIServer
import CurlTransport
import FoundationEssentials
import KubernetesModel
import Logging
import ProcessNode
import ServerSupport
import UmpireLocal

/// An embedded API server on a socket, and kubectl that knows it.
struct KubectlCluster: Sendable {
  let kubectl: Kubectl
  let node: LocalNodeConfiguration

  /// Where the project's manifests are.
  static let manifests: String = {
    let parts = #filePath.split(separator: "/").dropLast(3)
    return "/" + parts.joined(separator: "/") + "/manifests"
  }()

  /// Plays the node: binds a Pod, and gives it a status in which its containers run.
  func run(pod: String, containers: [String]) async throws {
    let states = containers.map { name in
      """
      {"name": "\(name)", "image": "game", "imageID": "", "ready": true, "restartCount": 0,
       "containerID": "process://\(name)", "state": {"running": {"startedAt": "2026-01-01T00:00:00Z"}}}
      """
    }
    try await self.set(
      pod: pod,
      """
      {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}],
       "containerStatuses": [\(states.joined(separator: ","))]}
      """)
  }

  /// Writes a Pod's status.
  func set(pod: String, _ status: String) async throws {
    try await self.kubectl("patch", "pod", pod, "--subresource=status", "--type=merge", "-p", "{\"status\": \(status)}")
  }

  /// Appends to a container's log.
  func write(
    _ text: String, pod: String, container: String, at time: Timestamp = Timestamp.now, startsRun: Bool = false
  ) throws {
    let log = try ContainerLog(
      path: self.node.logPath(namespace: "default", pod: pod, container: container), limit: 1 << 20,
      startsRun: startsRun, now: { time })
    var bytes = Array(text.utf8)
    try bytes.withUnsafeMutableBytes { try log.append(UnsafeRawBufferPointer($0)) }
  }
}

/// Runs `body` with an API server of its own, in memory, and takes it down afterwards.
func withKubectl(installingKinds: Bool = true, _ body: (KubectlCluster) async throws -> Void) async throws {
  let folder = FileManager.default.temporaryDirectory.appending(path: "umpire-kubectl-\(UUID().uuidString)").path
  try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  // What is left in the temporary folder harms nobody.
  defer { try? FileManager.default.removeItem(atPath: folder) }

  let node = LocalNodeConfiguration(dataDirectory: folder)
  var configuration = EmbeddedAPIServer.Configuration()
  configuration.podLogs = NodeLogSource(node: node, pollInterval: .milliseconds(20))
  let curl = CurlHTTPTransport()
  defer { curl.shutdown() }
  configuration.webhookTransport = curl
  let server = try EmbeddedAPIServer.open(configuration)
  defer { server.close() }
  let (addresses, continuation) = AsyncStream.makeStream(of: String.self)
  let listener = TransportListener(
    serving: server, host: "127.0.0.1", port: 0, logger: Logger(label: "kubectl-tests")
  ) { host, port in
    continuation.yield("http://\(host):\(port)")
  }
  try await withThrowingTaskGroup(of: Void.self) { group in
    group.addTask { try await server.run() }
    group.addTask { try await listener.run() }
    let result: Result<Void, any Error>
    do {
      guard let address = await addresses.first(where: { _ in true }) else { throw CancellationError() }
      try Data(kubeconfig(address).utf8).write(to: URL(filePath: "\(folder)/kubeconfig"))
      let cluster = KubectlCluster(kubectl: Kubectl(folder: folder), node: node)
      if installingKinds {
        try await cluster.kubectl("create", "-f", "\(KubectlCluster.manifests)/crds")
      }
      result = .success(try await body(cluster))
    } catch {
      result = .failure(error)
    }
    group.cancelAll()
    // Both end by cancellation, which is no failure of the test.
    do { try await group.waitForAll() } catch is CancellationError {}
    try result.get()
  }
}

private func kubeconfig(_ address: String) -> String {
  """
  apiVersion: v1
  kind: Config
  current-context: test
  clusters: [{name: test, cluster: {server: "\(address)"}}]
  users: [{name: test, user: {}}]
  contexts: [{name: test, context: {cluster: test, user: test, namespace: default}}]
  """
}

/// Objects that the tests create.
enum Manifests {
  static func gameType(replicas: Int = 2, labels: String? = nil) -> String {
    """
    apiVersion: umpire.dev/v1alpha1
    kind: GameType
    metadata: {name: arena\(labels.map { ", labels: \($0)" } ?? "")}
    spec:
      fleetSpec:
        scaling: {replicas: \(replicas)}
        spec:
          pod:
            containers: [{name: server, image: game}]
    """
  }

  static func pod(_ name: String = "duel", image: String = "game:1", containers: [String] = ["main"]) -> String {
    let list = containers.map { "{name: \($0), image: \"\(image)\", env: [{name: MODE, value: duel}]}" }
    return """
      apiVersion: v1
      kind: Pod
      metadata: {name: \(name), labels: {app: \(name)}}
      spec:
        nodeName: local
        containers: [\(list.joined(separator: ", "))]
      """
  }
}
