import FoundationEssentials
import Logging
import ServerSupport
import ServiceLifecycle
import Synchronization

/// Makes the certificates of a running instance anew once two thirds of their life are over, and has them shown.
///
/// A failure, such as a full disk, is logged and tried again at the next look; until then the old ones serve.
final class CertificateRenewer: ServiceLifecycle.Service {
  private let folder: String
  private let host: String
  private let interval: Duration
  private let now: @Sendable () -> Date
  private let logger: Logger
  private let onRenewal: @Sendable (LocalCertificates) throws -> Void
  private let current: Mutex<LocalCertificates>

  /// Creates a renewer of what is in use.
  ///
  /// - Parameters:
  ///   - host: What the server listens on.
  ///   - interval: How often it is looked whether something is due.
  ///   - onRenewal: Called with new certificates, to put them to use.
  init(
    _ current: LocalCertificates, folder: String, host: String = "127.0.0.1", interval: Duration = .seconds(3600),
    now: @escaping @Sendable () -> Date = { Date() }, logger: Logger,
    onRenewal: @escaping @Sendable (LocalCertificates) throws -> Void
  ) {
    self.current = Mutex(current)
    self.folder = folder
    self.host = host
    self.interval = interval
    self.now = now
    self.logger = logger
    self.onRenewal = onRenewal
  }

  func run() async throws {
    do {
      try await cancelWhenGracefulShutdown {
        while true {
          try await Task.sleep(for: self.interval)
          self.renewIfDue()
        }
      }
    } catch is CancellationError {
      // The way to stop: what is due is made anew by the next start.
    }
  }

  /// Looks once.
  func renewIfDue() {
    do {
      let newest = try LocalCertificates(folder: self.folder, host: self.host, now: self.now())
      let old = self.current.withLock { $0 }
      guard newest.server.chain != old.server.chain || newest.authority != old.authority else { return }
      try self.onRenewal(newest)
      self.current.withLock { $0 = newest }
      self.logger.info("Certificate renewed")
    } catch {
      self.logger.error("Certificate not renewed", metadata: ["error": "\(error)"])
    }
  }
}
