package import HTTPTransport
package import HTTPTypes
package import KubernetesClient
package import KubernetesModel
package import Logging
package import Metrics
package import ServerSupport
import UmpireModel

/// What the sidecar lends to its plugins.
package struct PluginSurroundings: Sendable {
  /// Whose sidecar it is; nil when there is no API server.
  package var identity: PluginIdentity?
  /// A client of the API server; nil when there is none.
  package var client: APIClient?
  /// Carries requests to anybody else.
  package var transport: any ClientTransport
  /// The sidecar's own environment.
  package var environment: [String: String]
  /// The address to listen on where the configuration names none: `UMPIRE_BIND_ADDRESS`, else every one.
  package var host: String
  /// Says who may use what a plugin offers outside the Pod; nil lets in the own Pod alone.
  package var authorize: PluginAuthorization?
  /// Clocks.
  package var time: ClientTime
  /// Where metrics go.
  package var metricsFactory: any MetricsFactory
  /// Receives what happens; the registry adds the plugin's name.
  package var logger: Logger

  /// Gathers what there is.
  package init(
    transport: any ClientTransport, environment: [String: String], logger: Logger,
    metricsFactory: any MetricsFactory = MetricsSystem.factory
  ) {
    self.transport = transport
    self.environment = environment
    self.host = environment["UMPIRE_BIND_ADDRESS"].flatMap { $0.isEmpty ? nil : $0 } ?? ListenHost.everyAddress
    self.time = ClientTime()
    self.metricsFactory = metricsFactory
    self.logger = logger
  }
}

/// Says whether a request may be carried out, by its header fields and by who has sent it (`context.peer` in a route).
///
/// Throws a ``Problem`` of 401 if not.
package typealias PluginAuthorization = @Sendable (HTTPFields, Peer) throws(Problem) -> Void

/// Whose sidecar it is.
package struct PluginIdentity: Sendable, Hashable {
  /// The Server.
  package var server: ObjectKey
  /// The Server's Pod.
  package var pod: ObjectKey

  /// Names a Server and its Pod.
  ///
  /// - Parameter podName: nil for the name that the controller gives.
  package init(server: ObjectKey, podName: String? = nil) {
    self.server = server
    self.pod = ObjectKey(namespace: server.namespace, name: podName ?? Server.podName(server: server.name))
  }

  /// Reads `POD_NAMESPACE`, `SERVER_NAME` and, if it is there, `POD_NAME`; nil if one of the first two is missing.
  package init?(environment: [String: String]) {
    guard let namespace = environment["POD_NAMESPACE"], !namespace.isEmpty,
      let server = environment["SERVER_NAME"], !server.isEmpty
    else { return nil }
    self.init(
      server: ObjectKey(namespace: namespace, name: server),
      podName: environment["POD_NAME"].flatMap { $0.isEmpty ? nil : $0 })
  }
}
