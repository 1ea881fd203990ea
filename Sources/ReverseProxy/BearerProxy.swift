package import HTTPTransport
package import Logging
package import Metrics
import NIOCore
import NIOPosix
import ServerSupport
import ServiceLifecycle
import Synchronization

/// Passes HTTP/1.1 requests on to one server if they show a bearer token that is valid, and WebSockets with them.
///
/// The token itself is not passed on. Bodies stream in both directions; see ``Relay`` for what is read when.
/// ```
/// let tokens = TokenStore(.file(path), logger: logger)
/// try tokens.load()
/// let proxy = BearerProxy(configuration, tokens: tokens, logger: logger)
/// try await ServiceGroup(services: [tokens, proxy], logger: logger).run()
/// ```
/// On a graceful shutdown it takes no new connections, closes those that are idle or tunnels, and lets exchanges end
/// within `limits.drain`.
package final class BearerProxy: Service {
  private let context: ProxyContext
  private let connections: OpenConnections
  private let onListening: @Sendable (HostPort) async -> Void
  private let server = Mutex<Server?>(nil)

  private struct Server {
    var channel: any Channel
    var address: HostPort
  }

  /// Creates a proxy, which does nothing until ``run()`` is called.
  ///
  /// - Parameters:
  ///   - tokens: already loaded; its `run()` is its owner's matter.
  ///   - logger: receives debug lines only.
  ///   - metricsFactory: what makes the metrics.
  ///   - onListening: called once with the address in use.
  package init(
    _ configuration: ProxyConfiguration, tokens: TokenStore, logger: Logger,
    metricsFactory: any MetricsFactory = MetricsSystem.factory,
    onListening: @escaping @Sendable (HostPort) async -> Void = { _ in }
  ) {
    self.context = ProxyContext(
      configuration: configuration, tokens: tokens, metrics: ProxyMetrics(factory: metricsFactory), logger: logger)
    self.connections = OpenConnections(maximum: configuration.limits.connections)
    self.onListening = onListening
  }

  /// Where it listens; nil while it does not.
  package var listeningAddress: HostPort? { self.server.withLock { $0?.address } }

  /// How many clients' connections are open.
  package var openConnections: Int { self.connections.count }

  /// Listens and serves until the task is cancelled or gracefully shut down; to be called once.
  ///
  /// - Throws: `ListenError` when the address cannot be taken.
  package func run() async throws {
    // It ends by throwing when the task is cancelled, and then everything is closed as well.
    try await self.serve { try? await gracefulShutdown() }
  }

  /// Listens and serves until the task is cancelled, whatever becomes of the process; to be called once.
  ///
  /// For an owner that calls ``drain(within:)`` itself.
  ///
  /// - Throws: `ListenError` when the address cannot be taken.
  package func runUntilCancelled() async throws {
    try await self.serve {
      let (never, source) = AsyncStream.makeStream(of: Never.self)
      for await _ in never {}
      source.finish()
    }
  }

  private func serve(until end: () async -> Void) async throws {
    let channel = try await self.listen()
    let address = HostPort(
      host: channel.localAddress?.ipAddress ?? self.context.configuration.listen.host,
      port: channel.localAddress?.port ?? self.context.configuration.listen.port)
    self.server.withLock { $0 = Server(channel: channel, address: address) }
    await self.onListening(address)
    await end()
    await self.drain(within: Task.isCancelled ? .zero : self.context.configuration.limits.drain)
    self.server.withLock { $0 = nil }
  }

  /// Takes no new connections, and ends those that are open; ``run()`` goes on.
  ///
  /// - Parameter time: what exchanges may take to end.
  package func drain(within time: Duration) async {
    guard let server = self.server.withLock({ $0?.channel }) else { return }
    // It may have been closed before.
    try? await server.close()
    let ends = self.connections.stop().map { channel in
      channel.pipeline.fireUserInboundEventTriggered(StopServing())
      let end = channel.close(after: TimeAmount(time))
      channel.closeFuture.whenComplete { _ in end.cancel() }
      return channel.closeFuture
    }
    // The future of a channel's closing never fails.
    for end in ends { try? await end.get() }
  }

  private func listen() async throws -> any Channel {
    let (context, connections) = (self.context, self.connections)
    let address = context.configuration.listen
    let bootstrap = ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .serverChannelOption(.backlog, value: 256)
      .childChannelOption(.autoRead, value: false)
      .childChannelOption(.allowRemoteHalfClosure, value: true)
      .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          guard connections.insert(channel) else {
            context.metrics.turnedAway()
            throw TooManyConnections()
          }
          context.metrics.connected()
          channel.closeFuture.whenComplete { _ in
            connections.remove(channel)
            context.metrics.disconnected()
          }
          try channel.pipeline.syncOperations.addHandler(ClientHandler(RelayDriver(context, client: channel)))
        }
      }
    do {
      return try await bootstrap.bind(host: ListenHost.bindAddress(of: address.host), port: address.port).get()
    } catch {
      throw ListenError(binding: address.host, port: address.port, error: error) ?? error
    }
  }
}

/// There is no room for another connection, which is closed.
private struct TooManyConnections: Error {}
