package import Cryptography
package import Logging
import ServerSupport
import Synchronization

/// The secrets that messages are signed with; those of a file are read again when it has changed.
///
/// A file that cannot be read, or holds no secret, leaves those that were read before: it may be being replaced.
package final class SigningSecrets: Sendable {
  /// How long what was read is taken to be what the file holds.
  package static let rereadInterval: Duration = .seconds(1)
  private static let fileBytes = 4096

  private struct State {
    var secrets: [WebhookSecret]
    var bytes: [UInt8] = []
    var readAt: ContinuousClock.Instant?
    var isBroken = false
  }

  private let path: String?
  private let instant: @Sendable () -> ContinuousClock.Instant
  private let logger: Logger
  private let state: Mutex<State>

  /// Secrets that stay as they are.
  package init(_ secrets: [WebhookSecret], logger: Logger) {
    self.path = nil
    self.instant = { .now }
    self.logger = logger
    self.state = Mutex(State(secrets: secrets))
  }

  /// The secrets of a file: one, or two while one is taken out of use.
  ///
  /// - Throws: ``BoundedFileError`` or ``CryptographyError`` when there is none to begin with.
  package init(
    file path: String, logger: Logger, instant: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
  ) throws {
    let bytes = try BoundedFile.read(path, upTo: Self.fileBytes)
    self.path = path
    self.instant = instant
    self.logger = logger
    self.state = Mutex(State(secrets: try WebhookSecret.parse(bytes), bytes: bytes, readAt: instant()))
  }

  /// The secrets that count now.
  package func current() -> [WebhookSecret] {
    guard let path = self.path else { return self.state.withLock { $0.secrets } }
    let now = self.instant()
    let isDue = self.state.withLock { state in
      if let readAt = state.readAt, now - readAt < Self.rereadInterval { return false }
      state.readAt = now
      return true
    }
    if isDue { self.read(path) }
    return self.state.withLock { $0.secrets }
  }

  private func read(_ path: String) {
    do {
      let bytes = try BoundedFile.read(path, upTo: Self.fileBytes)
      guard self.state.withLock({ $0.isBroken || $0.bytes != bytes }) else { return }
      let secrets = try WebhookSecret.parse(bytes)
      self.state.withLock { state in
        state.secrets = secrets
        state.bytes = bytes
        state.isBroken = false
      }
      self.logger.info("Signing secrets read again", metadata: ["secret.count": "\(secrets.count)"])
    } catch {
      let isNews = self.state.withLock { state in
        defer { state.isBroken = true }
        return !state.isBroken
      }
      guard isNews else { return }
      // Neither error holds anything of the file.
      self.logger.warning("Signing secrets kept, as the file cannot be used", metadata: ["error": "\(error)"])
    }
  }
}
