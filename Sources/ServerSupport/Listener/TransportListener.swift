package import HTTPTransport
import Hummingbird
import HummingbirdCore
package import Logging
import NIOCore
import ServiceLifecycle
import Synchronization

/// Serves any ``ClientTransport`` on a socket, as HTTP/1.1, with TLS if it is given a certificate.
///
/// Each request is read whole, handed to the transport, and its response is passed on chunk by chunk as the transport
/// yields it: nothing is gathered, so a watch reaches the client event by event, and a client that reads slowly slows
/// its own exchange only. When a client goes away its exchange is cancelled at once.
///
/// A transport that has ``DedicatedStreams`` serves those itself.
///
/// To use a listener, run it in a task or as a service:
/// ```
/// let listener = TransportListener(serving: server, host: "127.0.0.1", port: 0, logger: logger) { host, port in
///   print("listening on \(host):\(port)")
/// }
/// try await listener.run()
/// ```
/// On a graceful shutdown it takes no new connections, ends responses without an announced length (watches) at once,
/// and lets the others end within `limits.drain`.
package final class TransportListener: Service {
  private let transport: any ClientTransport
  private let host: String
  private let port: Int
  private let certificate: ServerCertificate?
  private let limits: ServerLimits
  private let logger: Logger
  private let onListening: @Sendable (_ host: String, _ port: Int) async -> Void
  /// What connections are secured with once it runs; nil before, and for plain HTTP.
  private let identity = Mutex<ServerIdentity?>(nil)

  /// Creates a listener, which does nothing until ``run()`` is called.
  ///
  /// - Parameters:
  ///   - transport: What answers the requests.
  ///   - host: The address or name to listen on, or ``ListenHost/everyAddress``.
  ///   - port: The port, or 0 for any that is free.
  ///   - certificate: What the server proves its name with; nil for plain HTTP.
  ///   - limits: What is accepted from clients.
  ///   - logger: Receives one debug line for each exchange.
  ///   - onListening: Called once with the address in use, before the first connection is served.
  package init(
    serving transport: any ClientTransport, host: String, port: Int, certificate: ServerCertificate? = nil,
    limits: ServerLimits = ServerLimits(), logger: Logger,
    onListening: @escaping @Sendable (_ host: String, _ port: Int) async -> Void = { _, _ in }
  ) {
    self.transport = transport
    self.host = host
    self.port = port
    self.certificate = certificate
    self.limits = limits
    self.logger = logger
    self.onListening = onListening
  }

  /// Listens and serves until the task is cancelled or gracefully shut down; to be called once.
  ///
  /// - Throws: ``ListenError`` when the address cannot be taken or the certificate cannot be used.
  package func run() async throws {
    let channel = TransportChannel(transport: self.transport, limits: self.limits, logger: self.logger)
    guard let streams = self.transport as? any DedicatedStreams else { return try await self.secure(channel) }
    try await self.secure(DedicatedChannel(base: channel, streams: streams, limits: self.limits))
  }

  private func secure(_ channel: some ServerChildChannel) async throws {
    guard let certificate = self.certificate else { return try await self.serve(channel) }
    let identity = ServerIdentity(certificate)
    try identity.check()
    self.identity.withLock { $0 = identity }
    try await self.serve(SecuredChannel(base: channel, identity: identity))
  }

  /// Shows another certificate from the next connection on; those that there are keep theirs.
  ///
  /// Does nothing on a listener that does not run, or runs without TLS.
  ///
  /// - Throws: ``ListenError`` if it cannot be used; the present one stays then.
  package func show(_ certificate: ServerCertificate) throws(ListenError) {
    try self.identity.withLock { $0 }?.show(certificate)
  }

  private func serve(_ channel: some ServerChildChannel) async throws {
    let server = channel.server(
      configuration: ServerConfiguration(
        address: .hostname(ListenHost.bindAddress(of: self.host), port: self.port),
        availableConnectionsDelegate: .maximum(self.limits.connections, logger: self.logger)),
      onServerRunning: { [host, port, onListening] channel in
        await onListening(channel.localAddress?.ipAddress ?? host, channel.localAddress?.port ?? port)
      },
      eventLoopGroup: EventLoopGroupProvider.singleton.eventLoopGroup,
      logger: self.logger.forServer)
    do {
      try await OrderlyStop.run(within: self.limits.drain) {
        try await server.run()
      }
    } catch {
      throw ListenError(binding: self.host, port: self.port, error: error) ?? error
    }
  }
}

extension Logger {
  /// The logger of a socket server, which tells its start at debug level, as its owner reports the address itself.
  var forServer: Logger {
    var logger = self
    if logger.logLevel == .info { logger.logLevel = .notice }
    return logger
  }
}
