package import Logging
package import Metrics
import ServerSupport
import ServiceLifecycle

/// The SDK that the game server talks to, over gRPC and over HTTP, each on a port of its own at every host.
///
/// To use it, run it as a service beside the ``OwnServer`` that it asks, after it, so that it stops before:
/// ```
/// let sdk = SDKService(server: server, hosts: ["127.0.0.1"], grpcPort: 9020, httpPort: 9021, logger: logger)
/// ```
package final class SDKService: Service {
  /// A way to talk to the SDK.
  package enum Interface: String, Sendable, Hashable, CaseIterable {
    case grpc, http
  }

  private let feed: StateFeed
  private let grpc: [GRPCListener]
  private let http: [TransportListener]

  /// Creates a service, which does nothing until ``run()`` is called.
  ///
  /// - Parameters:
  ///   - server: The Server that is told of and changed.
  ///   - hosts: The addresses to listen on, IPv4 or IPv6. Clients are not authenticated, so use loopback addresses.
  ///   - grpcPort: The port for gRPC, or 0 for any that is free.
  ///   - httpPort: The port for HTTP, or 0 for any that is free.
  ///   - limits: What is accepted from clients.
  ///   - metricsFactory: Where the watchers and calls are counted.
  ///   - logger: Receives one debug line for each request over HTTP, and errors.
  ///   - onListening: Called once for each interface and host with the address in use.
  package init(
    server: any OwnServer, hosts: [String], grpcPort: Int, httpPort: Int, limits: SDKLimits = SDKLimits(),
    metricsFactory: any MetricsFactory = MetricsSystem.factory, logger: Logger,
    onListening: @escaping @Sendable (_ interface: Interface, _ host: String, _ port: Int) async -> Void = { _, _, _ in
    }
  ) {
    let metrics = SDKMetrics(factory: metricsFactory)
    self.feed = StateFeed(server: server, maximum: limits.watchers, metrics: metrics, logger: logger)
    let calls = SDKCalls(server: server, feed: self.feed, maximum: limits.calls, metrics: metrics)
    self.grpc = hosts.map { host in
      GRPCListener(calls: calls, host: host, port: grpcPort, limits: limits, logger: logger) {
        await onListening(.grpc, $0, $1)
      }
    }
    var httpLimits = ServerLimits(
      bodyBytes: limits.requestBytes, bodyTime: limits.requestTime, headerBytes: limits.headerBytes,
      headerCount: limits.headerCount, idle: limits.idle, connections: limits.connections, drain: limits.drain)
    // The feed ends them, so that a watch is whole for its client.
    httpLimits.streamsEndThemselves = true
    let gateway = SDKGateway(calls: calls, limits: limits)
    self.http = hosts.map { [httpLimits] host in
      TransportListener(serving: gateway, host: host, port: httpPort, limits: httpLimits, logger: logger) {
        await onListening(.http, $0, $1)
      }
    }
  }

  /// How many watch at present, over both interfaces.
  package var watchers: Int { self.feed.count }

  /// Listens and serves until the task is cancelled or gracefully shut down; to be called once.
  ///
  /// - Throws: ``ListenError`` when one of the addresses cannot be taken.
  package func run() async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { await self.feed.run() }
      for listener in self.grpc { group.addTask { try await listener.run() } }
      for listener in self.http { group.addTask { try await listener.run() } }
      // Whatever fails first ends the others.
      defer { group.cancelAll() }
      while try await group.next() != nil {}
    }
  }
}
