import HummingbirdCore
import Logging
import NIOCore
import NIOSSL
import Synchronization

/// Puts TLS before another channel, with the certificate that is the newest when a connection comes in.
struct SecuredChannel<Base: ServerChildChannel>: ServerChildChannel {
  let base: Base
  let identity: ServerIdentity

  func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Base.Value> {
    channel.eventLoop.makeCompletedFuture {
      try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: self.identity.context))
    }.flatMap {
      self.base.setup(channel: channel, logger: logger)
    }
  }

  func handle(value: Base.Value, logger: Logger) async { await self.base.handle(value: value, logger: logger) }
}

/// The certificate that a listener shows at present.
final class ServerIdentity: Sendable {
  private let current: Mutex<NIOSSLContext>

  /// - Throws: ``ListenError`` if the certificate cannot be used.
  init(_ certificate: ServerCertificate) throws(ListenError) {
    self.current = Mutex(try Self.context(certificate))
  }

  /// What new connections are secured with.
  var context: NIOSSLContext { self.current.withLock { $0 } }

  /// Shows another certificate from the next connection on.
  ///
  /// - Throws: ``ListenError`` if it cannot be used; the present one stays then.
  func replace(by certificate: ServerCertificate) throws(ListenError) {
    let context = try Self.context(certificate)
    self.current.withLock { $0 = context }
  }

  private static func context(_ certificate: ServerCertificate) throws(ListenError) -> NIOSSLContext {
    let configuration = try certificate.configuration()
    do {
      return try NIOSSLContext(configuration: configuration)
    } catch {
      // The library's words name no secret, but nothing that helps either.
      throw ListenError(code: .certificateUnusable, message: "the server's certificate and key do not go together")
    }
  }
}
