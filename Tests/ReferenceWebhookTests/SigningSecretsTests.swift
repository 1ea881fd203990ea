import Cryptography
import FoundationEssentials
import InMemoryLogging
import Logging
import ServerSupport
import Synchronization
import Testing

@testable import ReferenceWebhook

struct SigningSecretsTests {
  /// A clock that stands still until it is told to go on.
  private final class StoppedClock: Sendable {
    private let instant = Mutex(ContinuousClock.now)
    var now: ContinuousClock.Instant { self.instant.withLock { $0 } }
    func pass(_ duration: Duration) { self.instant.withLock { $0 = $0.advanced(by: duration) } }
  }

  private func withFile(_ text: String, _ body: (String) throws -> Void) throws {
    let path = FileManager.default.temporaryDirectory.appending(path: "secret-\(UUID().uuidString)").path
    try Self.write(text, to: path)
    defer { try? FileManager.default.removeItem(atPath: path) }
    try body(path)
  }

  private static func write(_ text: String, to path: String) throws {
    try Data(text.utf8).write(to: URL(filePath: path), options: .atomic)
  }

  @Test func readsTheFileAgainWhenItHasChanged() throws {
    let (old, new) = (Secrets.text("A"), Secrets.text("B"))
    let handler = InMemoryLogHandler()
    let clock = StoppedClock()
    try self.withFile(old + "\n") { path in
      let secrets = try SigningSecrets(file: path, logger: Logger(label: "test") { _ in handler }) { clock.now }
      #expect(try secrets.current() == [WebhookSecret(old)])
      try Self.write("\(new) \(old)", to: path)
      #expect(try secrets.current() == [WebhookSecret(old)])
      clock.pass(SigningSecrets.rereadInterval)
      #expect(try secrets.current() == [WebhookSecret(new), WebhookSecret(old)])
      // Broken for a while: what was known stays, and is complained of once.
      for broken in ["", "whsec_short", "rubbish"] {
        try Self.write(broken, to: path)
        clock.pass(SigningSecrets.rereadInterval)
        #expect(secrets.current().count == 2)
      }
      try FileManager.default.removeItem(atPath: path)
      clock.pass(SigningSecrets.rereadInterval)
      #expect(secrets.current().count == 2)
      #expect(handler.entries.filter { $0.level == .warning }.count == 1)
      try Self.write(new, to: path)
      clock.pass(SigningSecrets.rereadInterval)
      #expect(try secrets.current() == [WebhookSecret(new)])
      let log = handler.entries.map { "\($0)" }.joined()
      #expect(!log.contains("whsec_short") && !log.contains(new) && !log.contains(old))
    }
  }

  @Test func withoutASecretItDoesNotStart() throws {
    let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
    #expect(throws: BoundedFileError.self) { try SigningSecrets(file: "/nowhere/secret", logger: logger) }
    for text in ["", "whsec_AAAA", String(repeating: " ", count: 5000)] {
      try self.withFile(text) { path in
        #expect(throws: (any Error).self) { try SigningSecrets(file: path, logger: logger) }
      }
    }
  }
}

/// Secrets for tests.
enum Secrets {
  /// A secret that differs by its letter.
  static func text(_ letter: Character) -> String { "whsec_" + String(repeating: letter, count: 32) }
}
