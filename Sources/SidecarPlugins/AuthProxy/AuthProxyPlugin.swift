import HTTPTransport
import KubernetesClient
import KubernetesModel
import KubernetesRuntime
import ReverseProxy
import Synchronization

/// `auth_proxy`: a port in front of the game's own that admits those who show a bearer token.
package final class AuthProxyPlugin: SidecarPlugin {
  /// `auth_proxy`.
  package static let name = "auth_proxy"
  /// The version.
  package static let version = "1.0.0"

  /// What exchanges may take to end, within what a plugin has.
  private static let drain = Duration.milliseconds(900)

  private struct State {
    var tokens: TokenStore?
    var proxy: BearerProxy?
    /// When the tokens that are valid were read.
    var lastReload: Timestamp?
  }

  private let configuration: AuthProxyConfiguration
  private let surroundings: PluginSurroundings
  private let state = Mutex(State())

  /// Creates the plugin.
  package init(_ configuration: AuthProxyConfiguration, _ surroundings: PluginSurroundings) {
    self.configuration = configuration
    self.surroundings = surroundings
  }

  /// Listens, and reads the tokens again when their file changes.
  ///
  /// - Throws: `TokenError` if there is no token, `ListenError` if the port cannot be taken.
  package func run(ready: @escaping @Sendable () -> Void) async throws {
    guard let source = self.configuration.tokens else { return }
    let tokens = TokenStore(
      source, environment: self.surroundings.environment, clock: InjectedClock(time: self.surroundings.time),
      logger: self.surroundings.logger
    ) { [weak self] in
      self?.noteReload()
    }
    try tokens.load()
    let proxy = BearerProxy(
      self.proxyConfiguration, tokens: tokens, logger: self.surroundings.logger,
      metricsFactory: self.surroundings.metricsFactory
    ) { _ in ready() }
    self.state.withLock { state in
      state.tokens = tokens
      state.proxy = proxy
    }
    // Ends with the proxy.
    async let watching: Void = tokens.run()
    try await proxy.runUntilCancelled()
    await watching
  }

  /// Takes no new connections, and lets exchanges end.
  package func stop() async {
    await self.state.withLock { $0.proxy }?.drain(within: Self.drain)
  }

  /// Where it listens, how many tokens there are, and how reading them last went.
  package var status: PluginHealth {
    let state = self.state.withLock { $0 }
    guard let address = state.proxy?.listeningAddress, let tokens = state.tokens?.status else {
      return PluginHealth("not listening")
    }
    var message = "listening on \(address), \(tokens.count) token\(tokens.count == 1 ? "" : "s")"
    if let error = tokens.error { message += "; the tokens from before stay valid: \(error)" }
    return PluginHealth(
      message,
      details: [
        "listen": .string(address.description), "upstream": .string(self.configuration.upstream.description),
        "tokens": .integer(Int64(tokens.count)), "reloads": .integer(Int64(tokens.reloads)),
        "connections": .integer(Int64(state.proxy?.openConnections ?? 0)),
        "lastReload": state.lastReload.map { .string($0.description) } ?? .null,
        "lastError": tokens.error.map { .string($0) } ?? .null,
      ])
  }

  private func noteReload() {
    let now = self.surroundings.time.timestamp()
    self.state.withLock { $0.lastReload = now }
  }

  private var proxyConfiguration: ProxyConfiguration {
    ProxyConfiguration(
      listen: .init(host: self.configuration.host ?? self.surroundings.host, port: self.configuration.port),
      upstream: self.configuration.upstream, realm: self.configuration.realm,
      queryParameter: self.configuration.queryParameter, trustsForwarded: self.configuration.trustsForwarded,
      limits: self.configuration.limits)
  }
}
