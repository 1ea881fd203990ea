package import HTTPTypes
package import Hummingbird
import HummingbirdCore
package import Logging
import NIOCore
import ServiceLifecycle

/// Serves a router's routes on a socket, with the limits, logs and error documents that all our servers share.
///
/// ```swift
/// let router = HTTPService.router()
/// router.addHealthRoutes()
/// try await HTTPService(router, host: "127.0.0.1", port: 8000, logger: logger).run()
/// ```
package final class HTTPService: Service {
  /// What a route is given beside the request.
  package typealias Context = ServiceContext

  private let host: String
  private let port: Int
  private let limits: ServerLimits
  private let identity: ServerIdentity?
  private let stop: ServiceStop
  private let start: ServiceStart
  /// The application, for tests that ask its routes without a socket.
  package let application: Application<RouterResponder<Context>>

  /// Creates a service, which does nothing until ``run()`` is called.
  ///
  /// - Parameters:
  ///   - router: The routes, from ``router(methods:)``.
  ///   - host: The address or name to listen on, or ``ListenHost/everyAddress``.
  ///   - port: The port, or 0 for any that is free.
  ///   - identity: What the server proves its name with; nil for plain HTTP.
  ///   - limits: What is accepted from clients.
  ///   - stopDelay: A service that is asked to stop serves as before until this returns: until those who send clients
  ///     here know. Meanwhile each response ends its connection.
  ///   - logger: Receives one debug line for each request, and errors.
  ///   - onListening: Called once with the address in use.
  package init(
    _ router: Router<Context>, host: String, port: Int, identity: ServerIdentity? = nil,
    limits: ServerLimits = .small, stopDelay: @escaping @Sendable () async throws -> Void = {}, logger: Logger,
    onListening: @escaping @Sendable (_ host: String, _ port: Int) async -> Void = { _, _ in }
  ) {
    self.host = host
    self.port = port
    self.limits = limits
    self.identity = identity
    let stop = ServiceStop(delay: stopDelay)
    self.stop = stop
    let start = ServiceStart()
    self.start = start
    self.application = Application(
      router: router,
      server: HTTPServerBuilder { responder in
        let connection = ConnectionChannel(responder: responder, limits: limits, stop: stop)
        guard let identity else { return connection }
        return SecuredChannel(base: connection, identity: identity)
      },
      configuration: ApplicationConfiguration(
        address: .hostname(ListenHost.bindAddress(of: host), port: port),
        availableConnectionsDelegate: .maximum(limits.connections, logger: logger)),
      onServerRunning: { channel in
        start.note()
        await onListening(channel.localAddress?.ipAddress ?? host, channel.localAddress?.port ?? port)
      },
      logger: logger.forServer)
  }

  /// A router that logs requests, answers HEAD where it answers GET, and turns errors into problem documents.
  ///
  /// - Parameter methods: For paths with a fixed set of methods, that set; others are refused with 405.
  package static func router(methods: [String: [HTTPRequest.Method]] = [:]) -> Router<Context> {
    let router = Router(context: Context.self, options: [.autoGenerateHeadEndpoints])
    router.middlewares.add(ConnectionCloseMiddleware())
    router.middlewares.add(RequestLogMiddleware())
    router.middlewares.add(ProblemMiddleware(methods: methods))
    return router
  }

  /// Whether the service has begun to listen.
  package var isListening: Bool { self.start.isListening }

  /// Whether the service was asked to stop.
  package var isStopping: Bool { self.stop.isStopping }

  /// Listens and serves until the task is cancelled or gracefully shut down; to be called once.
  ///
  /// - Throws: ``ListenError`` when the address cannot be taken or the certificate cannot be used.
  package func run() async throws {
    try self.identity?.check()
    do {
      try await OrderlyStop.run(within: self.limits.drain, after: self.stop.begin) { [application] in
        try await application.run()
      }
    } catch {
      throw ListenError(binding: self.host, port: self.port, error: error) ?? error
    }
  }
}
