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
    let secured = channel.eventLoop.makeCompletedFuture {
      try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: self.identity.context))
    }
    // Nobody else closes what was not set up.
    secured.whenFailure { _ in channel.close(promise: nil) }
    return secured.flatMap { self.base.setup(channel: channel, logger: logger) }
  }

  func handle(value: Base.Value, logger: Logger) async { await self.base.handle(value: value, logger: logger) }
}

/// The certificate that a server shows at present.
///
/// A server that has none yet takes no connection.
package final class ServerIdentity: Sendable {
  private enum State {
    case absent
    /// To be read once the server starts.
    case unread(ServerCertificate)
    case ready(NIOSSLContext)
  }

  private let state: Mutex<State>

  /// An identity that is to come.
  package init() { self.state = Mutex(.absent) }

  /// An identity that is checked once the server starts.
  package init(_ certificate: ServerCertificate) { self.state = Mutex(.unread(certificate)) }

  /// Shows another certificate from the next connection on; connections that there are keep theirs.
  ///
  /// - Throws: ``ListenError`` if it cannot be used; the present one stays then.
  package func show(_ certificate: ServerCertificate) throws(ListenError) {
    let context = try Self.context(certificate)
    self.state.withLock { $0 = .ready(context) }
  }

  /// Reads the certificate, if there is one.
  ///
  /// - Throws: ``ListenError`` if it cannot be used.
  func check() throws(ListenError) {
    guard case .unread(let certificate) = self.state.withLock({ $0 }) else { return }
    try self.show(certificate)
  }

  /// What new connections are secured with.
  ///
  /// - Throws: ``ListenError`` if there is no certificate.
  var context: NIOSSLContext {
    get throws(ListenError) {
      guard case .ready(let context) = self.state.withLock({ $0 }) else {
        throw ListenError(code: .certificateUnusable, message: "the server has no certificate yet")
      }
      return context
    }
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
