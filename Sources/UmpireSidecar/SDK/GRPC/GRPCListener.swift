import CarrierSDK
import GRPCCore
import GRPCNIOTransportHTTP2Posix
import Logging
import ServerSupport
import ServiceLifecycle

/// Serves the SDK over gRPC, without TLS, as it is for the same Pod only.
///
/// On a graceful shutdown it takes no new connections and tells those that there are to go; whoever is still there once
/// the time to drain is over is cut off.
struct GRPCListener: Service {
  let calls: SDKCalls
  /// An address, IPv4 or IPv6; no name.
  let host: String
  /// The port, or 0 for any that is free.
  let port: Int
  let limits: SDKLimits
  let logger: Logger
  /// Called once with the address in use.
  let onListening: @Sendable (_ host: String, _ port: Int) async -> Void

  /// Listens and serves until the task is cancelled or gracefully shut down.
  ///
  /// - Throws: ``ListenError`` when the address cannot be taken.
  func run() async throws {
    let transport = HTTP2ServerTransport.Posix(
      address: self.host.contains(":")
        ? .ipv6(host: self.host, port: self.port) : .ipv4(host: self.host, port: self.port),
      transportSecurity: .plaintext, config: self.configuration)
    let server = GRPCServer(
      transport: transport,
      services: [
        GRPCCalls(
          calls: self.calls, requestBytes: self.limits.requestBytes, requestTime: self.limits.requestTime)
      ])
    do {
      try await OrderlyStop.run(within: self.limits.drain) {
        try await withGracefulShutdownHandler {
          try await self.serve(server)
        } onGracefulShutdown: {
          // First, so that calls which the server cancels know why.
          self.calls.feed.end()
          server.beginGracefulShutdown()
        }
      }
    } catch let error as RuntimeError {
      // Whoever would not leave was cut off.
      if error.cause is CancellationError { return }
      throw ListenError(binding: self.host, port: self.port, error: error.cause ?? error) ?? error
    }
  }

  private func serve(_ server: GRPCServer<HTTP2ServerTransport.Posix>) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await server.serve() }
      do {
        let address = try await server.transport.listeningAddress
        await self.onListening(
          address.ipv4?.host ?? address.ipv6?.host ?? self.host, address.ipv4?.port ?? address.ipv6?.port ?? self.port)
      } catch {
        // Why it does not listen is what serving throws.
      }
      try await group.waitForAll()
    }
  }

  private var configuration: HTTP2ServerTransport.Posix.Config {
    .defaults { configuration in
      // Beyond it the call is broken off without a status.
      configuration.rpc.maxRequestPayloadSize = 4 * self.limits.requestBytes
      configuration.http2.maxConcurrentStreams = self.limits.streams
      configuration.connection.maxIdleTime = self.limits.idle
      configuration.connection.maxGraceTime = self.limits.drain
      // Clients of SDKs ask often whether the other side is there, and from the same machine that costs nothing.
      configuration.connection.keepalive.clientBehavior = .init(
        minPingIntervalWithoutCalls: .seconds(1), allowWithoutCalls: true)
      configuration.channelDebuggingCallbacks.onAcceptTCPConnection =
        ConnectionLimit(self.limits.connections, logger: self.logger).admit
    }
  }
}
