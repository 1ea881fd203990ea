import APIServer
package import CurlTransport
package import KubernetesClient
import KubernetesModel
import Logging
import ServerSupport
import Synchronization
import TestSupport
import UmpireLocal

/// The embedded API server on a socket, with a kubeconfig for programs and a client that goes through it.
package struct SocketCluster: Sendable {
  /// A client over libcurl.
  package let client: APIClient
  /// What it goes through.
  package let transport: CurlHTTPTransport
  /// The path of a kubeconfig.
  package let kubeconfig: String

  /// Runs `body` with a server of its own; the kubeconfig lies in `folder`.
  package static func run(in folder: String, _ body: (SocketCluster) async throws -> Void) async throws {
    try await withCluster { cluster in
      let port = Mutex<Int?>(nil)
      let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
      let listener = TransportListener(serving: cluster.server, host: "127.0.0.1", port: 0, logger: logger) {
        _, bound in
        port.withLock { $0 = bound }
      }
      let transport = CurlHTTPTransport()
      defer { transport.shutdown() }
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await listener.run() }
        let bound = try await eventually("the API server listens") { port.withLock { $0 } }
        let path = "\(folder)/kubeconfig-\(bound)"
        try KubeconfigWriter(server: "http://127.0.0.1:\(bound)").write(to: path)
        let configuration = try Kubeconfig(paths: [path]).configuration()
        let client = APIClient(transport: transport, configuration: configuration, fieldManager: "test")
        try await body(SocketCluster(client: client, transport: transport, kubeconfig: path))
        group.cancelAll()
      }
    }
  }
}
