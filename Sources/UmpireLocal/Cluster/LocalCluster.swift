import CurlTransport
import FoundationEssentials
import Glibc
import HTTPTransport
import KubernetesClient
import KubernetesModel
package import Logging
package import Metrics
import ProcessNode
import ServiceLifecycle
import Synchronization
import UmpireController
import WebhookProbing

/// What `umpire local up` is told.
package struct LocalClusterOptions: Sendable {
  /// The API server's folder, port, tokens and certificate.
  package var api: APIEndpointOptions
  /// YAML files to apply.
  package var manifests: [String]
  /// `NAME=PATH` of local programs.
  package var images: [String]
  /// Plays the demo.
  package var playsDemo: Bool
  /// Ends by itself after the demo.
  package var endsAfterDemo: Bool

  package init(api: APIEndpointOptions = APIEndpointOptions(), manifests: [String] = [], images: [String] = []) {
    self.api = api
    self.manifests = manifests
    self.images = images
    self.playsDemo = false
    self.endsAfterDemo = false
  }
}

/// The API server, the controllers, admission and the node in one process.
///
/// Production differs in one object, the transport.
package struct LocalCluster: Sendable {
  private let options: LocalClusterOptions
  private let documents: [ManifestDocument]
  private let programs: [String: String]
  private let endpoint: APIEndpoint
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
    self.endpoint = try APIEndpoint(options: options.api, environment: environment, logger: logger)
    self.options = options
    self.logger = logger
    self.metricsFactory = metricsFactory
  }

  /// Where the kubeconfig is.
  package var kubeconfigPath: String { self.endpoint.kubeconfigPath }

  /// Runs until SIGINT or SIGTERM, or until the demo ends if it ends by itself.
  ///
  /// - Throws: ``LocalError``.
  package func run() async throws {
    let curl = CurlHTTPTransport()
    defer { curl.shutdown() }
    let open = try self.endpoint.open(
      webhooks: curl, podLogs: NodeLogSource(node: self.nodeConfiguration()))
    defer { open.close() }
    let client = open.client
    let applier = ManifestApplier(client: client)
    try await applier.apply(try Self.customResourceDefinitions())
    try await applier.apply(try LocalAccessControl.documents())
    // As in a cluster: what its role does not allow the controllers may not do here either.
    let controller = try await open.client(as: LocalAccessControl.controller, seconds: Self.tokenSeconds)
    // Secrets among them: without a folder of the user's own nothing of the Pods outlives the run but their logs.
    defer {
      if self.options.api.dataDirectory == nil { VolumeSweep(folder: self.nodeConfiguration().podsFolder).run() }
    }
    let admission = LocalAdmission(
      registering: client, client: controller, logger: self.logger, metricsFactory: self.metricsFactory)
    try await admission.run {
      try await applier.apply(self.documents) { Console.print($0) }
      try await self.runServices(open, controller: controller, outbound: curl)
    }
  }

  /// Longer than any run lasts.
  private static let tokenSeconds: Int64 = 365 * 86_400

  private func runServices(
    _ open: OpenAPIEndpoint, controller: APIClient, outbound: CurlHTTPTransport
  ) async throws {
    let client = open.client
    var connections = ControllerConnections(
      client: controller, outbound: outbound, services: APIServiceAddresses(client: controller))
    connections.sidecarKeys = SidecarKeySecret(
      client: controller, namespace: LocalAccessControl.namespace, logger: self.logger)
    let controllers = UmpireControllers(
      connections: connections, logger: self.logger, metricsFactory: self.metricsFactory)
    let url = Mutex<String?>(nil)
    var nodeConfiguration = self.nodeConfiguration()
    nodeConfiguration.apiServer = { () throws(ContainerProblem) in
      guard let url = url.withLock({ $0 }) else {
        throw ContainerProblem(reason: .configuration, message: "the API server does not listen yet")
      }
      return url
    }
    let node = LocalNode(
      client: client.withFieldManager("umpire-node"), configuration: nodeConfiguration, logger: self.logger)
    let demo =
      self.options.playsDemo
      ? Demo(client: client, transport: outbound, endsByItself: self.options.endsAfterDemo) : nil
    var services = open.services { listening in
      url.withLock { $0 = listening }
      self.announce(url: listening)
    }
    services += [.init(service: controllers), .init(service: node)]
    if let demo {
      services.append(.init(service: demo, successTerminationBehavior: .gracefullyShutdownGroup))
    }
    try await LocalServiceGroup(services: services, logger: self.logger).run()
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

  /// The block of the Pods' addresses: another one for each port, so that instances side by side do not clash.
  static func addresses(port: Int) -> AddressPool.Range {
    Self.addresses(number: port == 0 ? Int(getpid()) : port - 8001)
  }

  /// One of 128 blocks.
  static func addresses(number: Int) -> AddressPool.Range {
    AddressPool.Range("127.\(64 + (number & 0x7F)).0.0/16") ?? .standard
  }

  /// What every container of a local node gets: no cluster's DNS is there to find Services.
  static let environment = ["UMPIRE_SERVICE_ADDRESSES": "api"]

  private func nodeConfiguration() -> LocalNodeConfiguration {
    var configuration = LocalNodeConfiguration(
      dataDirectory: self.endpoint.folder.path, images: ImageTable(self.programs))
    configuration.environment = Self.environment
    configuration.addresses = Self.addresses(port: self.options.api.port)
    return configuration
  }

  /// The roles of the controller and of sidecars, and the account `umpire-system/umpire-controller`, as in any cluster.
  package static func accessControl() throws(LocalError) -> [ManifestDocument] { try LocalAccessControl.manifests() }

  /// The definitions of Umpire's kinds.
  package static func customResourceDefinitions() throws(LocalError) -> [ManifestDocument] {
    var documents: [ManifestDocument] = []
    for (name, yaml) in EmbeddedManifests.customResourceDefinitions {
      documents += try ManifestFile.parse(yaml, file: name)
    }
    return documents
  }

  private func announce(url: String) {
    Console.print(
      """
      Umpire is running at \(url) (\(self.endpoint.storageText)). To use it:
        export KUBECONFIG=\(self.kubeconfigPath)
        kubectl get umpire
      Logs of the Pods are in \(self.endpoint.folder.path)/logs. Stop with Ctrl-C.

      """)
  }
}
