import CurlTransport
import FoundationEssentials
import KubernetesClient
import KubernetesModel
package import Logging
import ProcessNode
import ServiceLifecycle
package import UnixSignals

/// What `umpire local node` is told.
package struct StandaloneNodeOptions: Sendable, Hashable {
  /// The file that names the API server.
  package var kubeconfig: String
  /// Where logs and volumes are kept; nil for a temporary folder.
  package var dataDirectory: String?
  /// `NAME=PATH` of local programs.
  package var images: [String]
  /// The name of the Node object.
  package var nodeName: String
  /// The scheduler that the node stands in for; nil to run only what others give it.
  package var schedulerName: String? = "default-scheduler"

  package init(
    kubeconfig: String, dataDirectory: String? = nil, images: [String] = [], nodeName: String = "local"
  ) {
    self.kubeconfig = kubeconfig
    self.dataDirectory = dataDirectory
    self.images = images
    self.nodeName = nodeName
  }
}

/// `umpire local node`: the process node alone, against any API server.
package struct StandaloneNode: Sendable {
  private let configuration: ClientConfiguration
  private let nodeConfiguration: LocalNodeConfiguration
  private let folder: StateFolder
  private let logger: Logger

  /// Checks everything that can be checked before anything starts: the kubeconfig, the programs, the folder.
  ///
  /// - Throws: ``LocalError``.
  package init(
    options: StandaloneNodeOptions, environment: [String: String], logger: Logger
  ) throws(LocalError) {
    guard Self.isNodeName(options.nodeName) else {
      throw LocalError(
        .usage, "--node-name \(options.nodeName): use lower-case letters, digits, '-' and '.', at most 253 of them")
    }
    let kubeconfig = LocalFile.absolutePath(options.kubeconfig)
    self.configuration = try Self.clientConfiguration(kubeconfig)
    let programs = try ProgramTable.programs(executable: ProgramTable.ownExecutable, named: options.images)
    self.folder = try StateFolder(
      path: options.dataDirectory
        ?? StateFolder.temporaryPath(instance: "node-\(options.nodeName)", environment: environment))
    var node = LocalNodeConfiguration(
      dataDirectory: self.folder.path, nodeName: options.nodeName, images: ImageTable(programs))
    node.environment = LocalCluster.environment
    node.schedulerName = options.schedulerName
    let server = "\(self.configuration.scheme)://\(self.configuration.authority)\(self.configuration.basePath)"
    node.apiServer = { () throws(ContainerProblem) in server }
    node.addresses = LocalCluster.addresses(number: Self.number(of: self.folder.path))
    self.nodeConfiguration = node
    self.logger = logger
  }

  /// Runs until one of the signals; no process is left then.
  ///
  /// - Throws: ``LocalError``.
  package func run(signals: [UnixSignal] = [.sigterm, .sigint]) async throws {
    let curl = CurlHTTPTransport()
    defer { curl.shutdown() }
    let client = APIClient(transport: curl, configuration: self.configuration, fieldManager: "umpire-node")
    try await self.checkAccess(client)
    let node = LocalNode(client: client, configuration: self.nodeConfiguration, logger: self.logger)
    Console.print(
      """
      Node \(self.nodeConfiguration.nodeName) of \(self.server) runs \(self.pods).
      Logs of the Pods are in \(self.folder.path)/logs. Stop with Ctrl-C.

      """)
    try await LocalServiceGroup(services: [.init(service: node)], signals: signals, logger: self.logger).run()
  }

  /// Asks for what a node needs, so that a wrong address or token is told at once; a server that is not up yet is waited
  /// for.
  private func checkAccess(_ client: APIClient) async throws {
    do {
      try await AccessWait().run {
        _ = try await client.find(Node.self, ObjectKey(namespace: nil, name: self.nodeConfiguration.nodeName))
      } report: { error in
        Console.print("Waiting for the API server at \(self.server), which cannot be reached yet: \(error.message)\n")
      }
    } catch let error as APIError {
      throw LocalError(.unavailable, "the API server at \(self.server) does not serve this node: \(error.message)")
    }
  }

  private var pods: String {
    switch self.nodeConfiguration.schedulerName {
    case nil: "the Pods that a scheduler gives it"
    case "default-scheduler"?: "the Pods that have no node yet"
    case let name?: "the Pods with schedulerName \(name)"
    }
  }

  private var server: String { "\(self.configuration.scheme)://\(self.configuration.authority)" }

  private static func clientConfiguration(_ path: String) throws(LocalError) -> ClientConfiguration {
    guard FileManager.default.fileExists(atPath: path) else {
      throw LocalError(.noInput, "--kubeconfig \(path): there is no such file")
    }
    do {
      return try ClientConfiguration.discover(kubeconfig: path, environment: [:])
    } catch {
      throw LocalError(.badData, "--kubeconfig: \(error.message)")
    }
  }

  /// Whether the API server takes the name for a Node.
  static func isNodeName(_ name: String) -> Bool {
    guard (1...253).contains(name.utf8.count) else { return false }
    return name.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { part in
      guard let first = part.utf8.first, let last = part.utf8.last else { return false }
      return first != UInt8(ascii: "-") && last != UInt8(ascii: "-")
        && part.utf8.allSatisfy {
          (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
            || $0 == UInt8(ascii: "-")
        }
    }
  }

  /// A number that is the same for the same folder: another block of addresses for each, most of the time.
  private static func number(of path: String) -> Int {
    path.utf8.reduce(5381) { ($0 &* 33 ^ Int($1)) & 0xFFFF }
  }
}
