import FoundationEssentials
import Logging
import ServerSupport
import Synchronization

/// Shows the certificate of a folder, such as cert-manager's Secrets are mounted: `tls.crt` and `tls.key`.
///
/// Who asks learns from others what to trust.
final class CertificateFolder: CertificateSource {
  /// How often it is looked for others.
  static let interval = Duration.seconds(10)

  private struct Content: Hashable {
    var chain: [UInt8]
    var key: [UInt8]
  }

  private let path: String
  private let identity: ServerIdentity
  private let logger: Logger
  private let shown = Mutex<Content?>(nil)

  init(_ path: String, identity: ServerIdentity, logger: Logger) {
    self.path = path
    self.identity = identity
    self.logger = logger
  }

  var unready: String? {
    self.shown.withLock { $0 } == nil ? "\(self.path) has no certificate for admission yet" : nil
  }

  func run() async {
    var last = ""
    while !Task.isCancelled {
      var problem = ""
      do {
        try self.look()
      } catch {
        problem = "\(error)"
        // Said once, and not every time.
        if problem != last { self.logger.warning("Admission certificate not read", metadata: ["error": "\(error)"]) }
      }
      last = problem
      // Cancellation ends the loop.
      try? await Task.sleep(for: Self.interval)
    }
  }

  func look() throws {
    let content = Content(
      chain: try BoundedFile.read("\(self.path)/tls.crt"), key: try BoundedFile.read("\(self.path)/tls.key"))
    guard content != self.shown.withLock({ $0 }) else { return }
    // Of a pair that is just being replaced, one may not be the other's: the present one stays until the next look.
    try self.identity.show(ServerCertificate(chain: content.chain, key: content.key))
    self.shown.withLock { $0 = content }
    self.logger.info("Admission certificate read", metadata: ["folder": "\(self.path)"])
  }
}
