import CurlTransport
import FoundationEssentials
import KubernetesClient
import KubernetesModel
import TestSupport
import UmpireModel

/// `umpire local up` as a user runs it, and a client of it over a socket.
struct LocalUp: Sendable {
  let program: Program
  let client: APIClient
  let dataDirectory: String

  /// Starts it on a free port with `dataDirectory`, and hands it to `body`.
  @discardableResult
  static func run(
    dataDirectory: String, _ arguments: [String] = [], in folder: String, _ body: (LocalUp) async throws -> Void
  ) async throws -> ProgramEnd {
    let transport = CurlHTTPTransport()
    defer { transport.shutdown() }
    return try await Program.run(
      "umpire", ["local", "up", "--port", "0", "--data", dataDirectory] + arguments, in: folder
    ) { program in
      _ = try await program.line(with: "Umpire is running at")
      let configuration = try Kubeconfig(paths: ["\(dataDirectory)/kubeconfig"]).configuration()
      let client = APIClient(transport: transport, configuration: configuration, fieldManager: "test")
      try await body(LocalUp(program: program, client: client, dataDirectory: dataDirectory))
    }
  }

  /// The Servers of the namespace `default`.
  func servers() async throws -> [Server] {
    try await self.client.list(Server.self, namespace: "default").items
  }

  /// Waits until exactly so many Servers are there and Ready.
  func readyServers(_ count: Int) async throws -> [Server] {
    try await eventually("\(count) Servers are ready") {
      let servers = try await self.servers()
      return servers.count == count && servers.allSatisfy { $0.status?.state == .ready } ? servers : nil
    }
  }
}

/// A GameType that runs the sample game server.
enum SampleManifests {
  static func gameType(replicas: Int, image: String = "sample-game-server") -> String {
    """
    apiVersion: umpire.dev/v1alpha1
    kind: GameType
    metadata: {name: arena}
    spec:
      fleetSpec:
        scaling: {replicas: \(replicas)}
        spec:
          pod:
            terminationGracePeriodSeconds: 5
            containers:
            - {name: server, image: \(image)}
    """
  }

  static func write(_ text: String, to path: String) throws -> String {
    try Data(text.utf8).write(to: URL(filePath: path))
    return path
  }
}
