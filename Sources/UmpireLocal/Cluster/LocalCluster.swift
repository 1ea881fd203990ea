import APIServer
import CurlTransport
import FoundationEssentials
import Glibc
import HTTPTransport
import KubernetesClient
import KubernetesModel
package import Logging
package import Metrics
import ProcessNode
import ServerSupport
import ServiceLifecycle
import UmpireController
import UnixSignals

/// What `umpire local up` is told.
package struct LocalClusterOptions: Sendable {
  /// Where everything is kept; nil keeps nothing beyond the run.
  package var dataDirectory: String?
  /// The port of the API server on loopback; 0 for any.
  package var port: Int
  /// YAML files to apply.
  package var manifests: [String]
  /// `NAME=PATH` of local programs.
  package var images: [String]
  /// Plays the demo.
  package var playsDemo: Bool
  /// Ends by itself after the demo.
  package var endsAfterDemo: Bool

  package init(dataDirectory: String? = nil, port: Int = 8001, manifests: [String] = [], images: [String] = []) {
    self.dataDirectory = dataDirectory
    self.port = port
    self.manifests = manifests
    self.images = images
    self.playsDemo = false
    self.endsAfterDemo = false
  }
}

/// The API server, the controllers and the node in one process.
///
/// Production differs in one object, the transport.
package struct LocalCluster: Sendable {
  private static let host = "127.0.0.1"
  private let options: LocalClusterOptions
  private let documents: [ManifestDocument]
  private let programs: [String: String]
  private let folder: StateFolder
  private let logger: Logger
  private let metricsFactory: any MetricsFactory

  /// Checks everything that can be checked before anything starts: files, programs, the folder, the port.
  ///
  /// - Throws: ``LocalError``.
  package init(
    options: LocalClusterOptions, environment: [String: String], logger: Logger, metricsFactory: any MetricsFactory
  ) throws(LocalError) {
    var documents: [ManifestDocument] = []
    for path in options.manifests { documents += try ManifestFile.read(path) }
    self.documents = documents
    self.programs = try ProgramTable.programs(executable: ProgramTable.ownExecutable, named: options.images)
    self.folder = try StateFolder(
      path: options.dataDirectory ?? StateFolder.temporaryPath(port: options.port, environment: environment))
    try PortProbe.check(host: Self.host, port: options.port)
    self.options = options
    self.logger = logger
    self.metricsFactory = metricsFactory
  }

  /// Where the kubeconfig is.
  package var kubeconfigPath: String { "\(self.folder.path)/kubeconfig" }

  /// Runs until SIGINT or SIGTERM, or until the demo ends if it ends by itself.
  ///
  /// - Throws: ``LocalError``.
  package func run() async throws {
    if self.options.dataDirectory == nil { self.folder.removeContents() }
    let apiServer = try self.openAPIServer()
    defer { apiServer.close() }
    let curl = CurlHTTPTransport()
    defer { curl.shutdown() }
    let client = APIClient(transport: apiServer, configuration: .inProcess, fieldManager: "umpire-local")
    let applier = ManifestApplier(client: client)
    try await applier.apply(try Self.customResourceDefinitions())
    try await applier.apply(self.documents) { Console.print($0) }

    let listener = TransportListener(
      serving: apiServer, host: Self.host, port: self.options.port, logger: self.logger
    ) { host, port in
      self.announce(server: "http://\(host):\(port)")
    }
    let controllers = UmpireControllers(
      connections: ControllerConnections(
        client: client.withFieldManager("umpire-controller"), outbound: curl,
        services: LocalServiceAddresses(client: client)), logger: self.logger, metricsFactory: self.metricsFactory)
    let node = LocalNode(
      client: client.withFieldManager("umpire-node"), configuration: self.nodeConfiguration(), logger: self.logger)
    let demo =
      self.options.playsDemo
      ? Demo(client: client, transport: curl, endsByItself: self.options.endsAfterDemo) : nil
    // Later ones depend on earlier ones, and are shut down first: the processes go before what they talk to.
    var services: [ServiceGroupConfiguration.ServiceConfiguration] = [
      .init(service: APIServerService(server: apiServer)),
      .init(service: listener),
      .init(service: controllers),
      .init(service: node),
    ]
    if let demo {
      services.append(.init(service: demo, successTerminationBehavior: .gracefullyShutdownGroup))
    }
    var group = ServiceGroupConfiguration(
      services: services, gracefulShutdownSignals: [.sigterm, .sigint], logger: self.logger)
    group.maximumGracefulShutdownDuration = .seconds(30)
    do {
      try await ServiceGroup(configuration: group).run()
    } catch let error as ListenError {
      throw LocalError(.unavailable, "\(error.message); choose another port with --port")
    }
    try Self.check(demo)
  }

  private static func check(_ demo: Demo?) throws(LocalError) {
    guard let demo, demo.endsByItself else { return }
    switch demo.result {
    case .seen: return
    case .unfinished: throw LocalError(.temporaryFailure, "the demo was stopped before its end")
    case .failed(let reason): throw LocalError(.software, "the demo failed: \(reason)")
    }
  }

  private func openAPIServer() throws(LocalError) -> EmbeddedAPIServer {
    let storage: EmbeddedAPIServer.Configuration.Storage =
      self.options.dataDirectory == nil ? .memory : .directory("\(self.folder.path)/store")
    do {
      return try EmbeddedAPIServer.open(EmbeddedAPIServer.Configuration(storage: storage, logger: self.logger))
    } catch {
      switch error.code {
      case .folderLocked: throw LocalError(.temporaryFailure, error.message)
      case .folderUnusable: throw LocalError(.cannotCreate, error.message)
      case .databaseDamaged:
        throw LocalError(.badData, "\(error.message); move \(self.folder.path) away or restore it from a copy")
      default: throw LocalError(.software, error.message)
      }
    }
  }

  /// The block of the Pods' addresses: another one for each port, so that instances side by side do not clash.
  static func addresses(port: Int) -> AddressPool.Range {
    let number = port == 0 ? Int(getpid()) : port - 8001
    return AddressPool.Range("127.\(64 + (number & 0x7F)).0.0/16") ?? .standard
  }

  private func nodeConfiguration() -> LocalNodeConfiguration {
    var configuration = LocalNodeConfiguration(
      dataDirectory: self.folder.path, images: ImageTable(self.programs))
    configuration.environment["KUBECONFIG"] = self.kubeconfigPath
    configuration.addresses = Self.addresses(port: self.options.port)
    return configuration
  }

  /// The definitions of Umpire's kinds.
  package static func customResourceDefinitions() throws(LocalError) -> [ManifestDocument] {
    var documents: [ManifestDocument] = []
    for (name, yaml) in EmbeddedManifests.customResourceDefinitions {
      documents += try ManifestFile.parse(yaml, file: name)
    }
    return documents
  }

  private func announce(server: String) {
    do {
      try KubeconfigWriter.write(server: server, to: self.kubeconfigPath)
    } catch {
      self.logger.error("Kubeconfig not written", metadata: ["error": "\(error)"])
    }
    let kept = self.options.dataDirectory == nil ? "in memory" : "kept in \(self.folder.path)"
    Console.print(
      """
      Umpire is running at \(server) (\(kept)). To use it:
        export KUBECONFIG=\(self.kubeconfigPath)
        kubectl get umpire
      Logs of the Pods are in \(self.folder.path)/logs. Stop with Ctrl-C.

      """)
  }
}

/// Runs the API server's background work as a service.
private struct APIServerService: ServiceLifecycle.Service {
  let server: EmbeddedAPIServer

  func run() async throws {
    try await cancelWhenGracefulShutdown { try await self.server.run() }
  }
}
