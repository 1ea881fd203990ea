import CurlTransport
import FoundationEssentials
import Glibc
import HTTPTransport
import KubernetesClient

/// An API server in a child process, and a client of it that goes through the socket.
struct ServerProcess: Sendable {
  let identifier: pid_t
  /// `host:port`.
  let authority: String
  let client: APIClient
  /// What went through the client.
  let traffic: CountingTransport

  /// Where a server keeps its objects.
  enum Storage: String, CaseIterable {
    case memory
    case disk
  }

  /// Runs `body` with a server of its own, which is gone afterwards with all it kept.
  static func run<Result>(
    _ storage: Storage, _ body: (ServerProcess) async throws -> Result
  ) async throws -> Result {
    let folder = FileManager.default.temporaryDirectory.path + "/umpire-benchmark-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    // A folder that is left behind in the temporary directory harms nobody.
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let child = try ChildProcess(.thisProgram, ["serve"] + (storage == .disk ? ["--folder", folder + "/store"] : []))
    defer { child.end() }
    let port = try child.firstLine(within: 15)
    let authority = "127.0.0.1:\(port)"
    let transport = CurlHTTPTransport()
    defer { transport.shutdown() }
    let traffic = CountingTransport(transport)
    let client = APIClient(
      transport: traffic, configuration: ClientConfiguration(scheme: "http", authority: authority),
      fieldManager: "umpire-benchmarks")
    return try await body(
      ServerProcess(identifier: child.identifier, authority: authority, client: client, traffic: traffic))
  }
}
