import APIServer
import Cryptography
import FoundationEssentials
import HTTPTransport
import KubernetesClient
import KubernetesModel
import Logging
import ServerSupport
import ServiceLifecycle
import Synchronization

/// How an API server on this machine is reached, and where it keeps its objects.
package struct APIEndpointOptions: Sendable, Hashable {
  /// Where everything is kept; nil keeps nothing beyond the run.
  package var dataDirectory: String?
  /// The IPv4 or IPv6 address to listen on, or `ListenHost.everyAddress`.
  package var host = "127.0.0.1"
  /// The port; 0 for any.
  package var port: Int
  /// The file of the tokens that are accepted; nil lets everyone in who shows none.
  package var tokenFile: String?
  /// Serves HTTPS with a certificate of an authority of its own.
  package var usesTLS: Bool

  package init(
    dataDirectory: String? = nil, port: Int = 8001, tokenFile: String? = nil, usesTLS: Bool = false
  ) {
    self.dataDirectory = dataDirectory
    self.port = port
    self.tokenFile = tokenFile
    self.usesTLS = usesTLS
  }
}

/// The part that all programs with an API server share: its folder, its tokens, its certificate and its kubeconfig.
struct APIEndpoint: Sendable {
  let options: APIEndpointOptions
  let folder: StateFolder
  private let tokens: [String]
  private let logger: Logger

  /// Checks what can be checked before anything starts, and takes the folder.
  ///
  /// - Throws: ``LocalError``.
  init(options: APIEndpointOptions, environment: [String: String], logger: Logger) throws(LocalError) {
    self.tokens = if let file = options.tokenFile { try TokenFile.read(file) } else { [] }
    try PortProbe.checkRange(options.port)
    guard options.tokenFile != nil || Self.isLoopback(options.host) else {
      throw LocalError(
        .usage,
        "--host \(options.host) lets other machines in, and requests without a token are an administrator's; "
          + "give --token-file as well")
    }
    self.folder = try StateFolder(
      path: options.dataDirectory ?? StateFolder.temporaryPath(port: options.port, environment: environment))
    try PortProbe.check(host: ListenHost.bindAddress(of: options.host), port: options.port)
    self.options = options
    self.logger = logger
  }

  /// Where the kubeconfig is.
  var kubeconfigPath: String { "\(self.folder.path)/kubeconfig" }

  /// Where objects are, in words.
  var storageText: String {
    self.options.dataDirectory == nil ? "in memory" : "kept in \(self.folder.path)"
  }

  /// Opens the server and makes its certificate if need be; nothing runs yet.
  ///
  /// - Parameters:
  ///   - webhooks: What carries questions to admission webhooks.
  ///   - podLogs: Where the output of containers is to be had; nil if no node is at hand.
  /// - Throws: ``LocalError``.
  func open(
    webhooks: any ClientTransport, podLogs: NodeLogSource? = nil
  ) throws(LocalError) -> OpenAPIEndpoint {
    if self.options.dataDirectory == nil { self.folder.removeContents() }
    let certificates =
      self.options.usesTLS
      ? try LocalCertificates(folder: "\(self.folder.path)/tls", host: self.options.host, now: Date()) : nil
    // Our own parts come in by a token that lives as long as this process.
    let own = try Self.newToken()
    let storage: EmbeddedAPIServer.Configuration.Storage =
      self.options.dataDirectory == nil ? .memory : .directory("\(self.folder.path)/store")
    var configuration = EmbeddedAPIServer.Configuration(
      storage: storage, logger: self.logger, bearerTokens: Set(self.tokens + [own]),
      allowsAnonymous: self.tokens.isEmpty)
    configuration.podLogs = podLogs
    configuration.webhookTransport = webhooks
    configuration.rootCertificates = String(decoding: certificates?.authority ?? [], as: UTF8.self)
    do {
      let server = try EmbeddedAPIServer.open(configuration)
      var inProcess = ClientConfiguration.inProcess
      inProcess.credentials = .token(own)
      return OpenAPIEndpoint(
        endpoint: self, server: server, certificates: certificates,
        client: APIClient(transport: server, configuration: inProcess, fieldManager: "umpire-local"),
        token: self.tokens.first, logger: self.logger)
    } catch {
      switch error.code {
      case .folderLocked: throw LocalError(.temporaryFailure, error.message)
      case .folderUnusable: throw LocalError(.cannotCreate, error.message)
      case .databaseDamaged:
        throw LocalError(.badData, "\(error.message); move \(self.folder.path) away or restore it from a copy")
      case .signingKey: throw LocalError(.badData, error.message)
      default: throw LocalError(.software, error.message)
      }
    }
  }

  private static func isLoopback(_ host: String) -> Bool { host.hasPrefix("127.") || host == "::1" }

  /// The address by which programs of this machine reach a listener on `host`.
  static func localAddress(of host: String) -> String {
    switch host {
    case "0.0.0.0": "127.0.0.1"
    case "::": ListenHost.hasDualStack ? "127.0.0.1" : "::1"
    default: host
    }
  }

  private static func newToken() throws(LocalError) -> String {
    do {
      return Data(try RandomBytes.make(32)).base64EncodedString()
    } catch {
      throw LocalError(.software, error.message)
    }
  }
}

/// An API server that is open, and what it takes to put it on its port.
struct OpenAPIEndpoint: Sendable {
  private let endpoint: APIEndpoint
  private let server: EmbeddedAPIServer
  private let certificates: LocalCertificates?
  /// A client in the same process, which the server trusts.
  let client: APIClient
  private let token: String?
  private let logger: Logger

  init(
    endpoint: APIEndpoint, server: EmbeddedAPIServer, certificates: LocalCertificates?, client: APIClient,
    token: String?, logger: Logger
  ) {
    self.endpoint = endpoint
    self.server = server
    self.certificates = certificates
    self.client = client
    self.token = token
    self.logger = logger
  }

  /// A client in the same process that comes in by a token of a service account.
  ///
  /// - Parameter seconds: How long the token is good for.
  /// - Throws: `APIError` if there is no such account.
  func client(as account: ObjectKey, seconds: Int64) async throws -> APIClient {
    let issued = try await self.client.token(of: account, TokenRequest.Spec(expirationSeconds: seconds))
    var configuration = ClientConfiguration.inProcess
    configuration.credentials = .token(issued.token)
    return APIClient(transport: self.server, configuration: configuration, fieldManager: account.name)
  }

  /// Ends every watch, and closes the storage.
  func close() { self.server.close() }

  /// The server's background work and its listener, in the order in which they are started.
  ///
  /// - Parameter announce: called with the server's URL once the kubeconfig is written.
  func services(
    announce: @escaping @Sendable (_ url: String) -> Void
  ) -> [ServiceGroupConfiguration.ServiceConfiguration] {
    let served = Mutex<String?>(nil)
    let writeKubeconfig = { @Sendable (url: String, certificates: LocalCertificates?) throws(LocalError) in
      try KubeconfigWriter(server: url, authority: certificates?.authority, token: self.token)
        .write(to: self.endpoint.kubeconfigPath)
    }
    let listener = TransportListener(
      serving: self.server, host: self.endpoint.options.host, port: self.endpoint.options.port,
      certificate: self.certificates?.server, logger: self.logger
    ) { host, port in
      let address = HostPort(host: APIEndpoint.localAddress(of: host), port: port)
      let url = "\(self.certificates == nil ? "http" : "https")://\(address)"
      served.withLock { $0 = url }
      do {
        try writeKubeconfig(url, self.certificates)
      } catch {
        self.logger.error("Kubeconfig not written", metadata: ["error": "\(error)"])
      }
      announce(url)
    }
    guard let certificates = self.certificates else {
      return [.init(service: APIServerService(server: self.server)), .init(service: listener)]
    }
    let renewer = CertificateRenewer(
      certificates, folder: "\(self.endpoint.folder.path)/tls", host: self.endpoint.options.host, logger: self.logger
    ) { newest in
      try listener.show(newest.server)
      if let url = served.withLock({ $0 }) { try writeKubeconfig(url, newest) }
    }
    return [
      .init(service: APIServerService(server: self.server)), .init(service: listener), .init(service: renewer),
    ]
  }
}

/// Runs the API server's background work as a service.
private struct APIServerService: ServiceLifecycle.Service {
  let server: EmbeddedAPIServer

  func run() async throws {
    try await cancelWhenGracefulShutdown { try await self.server.run() }
  }
}
