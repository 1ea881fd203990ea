import CurlTransport
package import Logging
import ServiceLifecycle
package import UnixSignals

/// `umpire local api`: the API server alone, with the definitions of Umpire's kinds.
package struct StandaloneAPI: Sendable {
  private let endpoint: APIEndpoint
  private let logger: Logger

  /// Checks everything that can be checked before anything starts: the token file, the folder, the port.
  ///
  /// - Throws: ``LocalError``.
  package init(
    options: APIEndpointOptions, environment: [String: String], logger: Logger
  ) throws(LocalError) {
    self.endpoint = try APIEndpoint(options: options, environment: environment, logger: logger)
    self.logger = logger
  }

  /// Where the kubeconfig is.
  package var kubeconfigPath: String { self.endpoint.kubeconfigPath }

  /// Runs until one of the signals.
  ///
  /// - Throws: ``LocalError``.
  package func run(signals: [UnixSignal] = [.sigterm, .sigint]) async throws {
    let curl = CurlHTTPTransport()
    defer { curl.shutdown() }
    let open = try self.endpoint.open(webhooks: curl)
    defer { open.close() }
    let applier = ManifestApplier(client: open.client)
    try await applier.apply(try LocalCluster.customResourceDefinitions())
    try await applier.apply(try LocalAccessControl.documents())
    try await LocalAdmission.unregister(from: open.client)
    let services = open.services { self.announce(url: $0) }
    try await LocalServiceGroup(services: services, signals: signals, logger: self.logger).run()
  }

  private func announce(url: String) {
    let access = self.endpoint.options.tokenFile == nil ? "open to everyone on this machine" : "by bearer token"
    Console.print(
      """
      The API server is running at \(url) (\(self.endpoint.storageText), \(access)). To use it:
        export KUBECONFIG=\(self.kubeconfigPath)
        kubectl api-resources
      To run Pods against it: umpire local node --kubeconfig \(self.kubeconfigPath)
      Stop with Ctrl-C.

      """)
  }
}
