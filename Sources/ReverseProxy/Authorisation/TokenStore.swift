package import Logging
import ServiceLifecycle
import Synchronization

/// The tokens that are valid now, read again when their file changes.
///
/// It does nothing until ``load()``; a file is watched while ``run()`` runs:
/// ```
/// let tokens = TokenStore(.file("/etc/proxy/tokens"), logger: logger)
/// try tokens.load()
/// try await tokens.run()
/// ```
package final class TokenStore: Service {
  /// How the tokens stand; never which they are.
  package struct Status: Sendable, Hashable {
    /// How many there are.
    package var count = 0
    /// How many times they have been replaced since the start.
    package var reloads = 0
    /// Why the last attempt to read them failed, so that those from before are valid still; nil if it did not.
    package var error: String?
  }

  private struct State {
    var tokens: BearerTokens?
    /// What was read last, so that an unchanged file changes nothing.
    var read: [[UInt8]] = []
    var status = Status()
  }

  private let source: TokenSource
  private let environment: [String: String]
  private let clock: any Clock<Duration>
  private let period: Duration
  private let logger: Logger
  private let onLoad: @Sendable () -> Void
  private let state = Mutex(State())

  /// - Parameters:
  ///   - environment: the variables that a source may name.
  ///   - clock: what the period is measured with.
  ///   - period: how often a file is looked at.
  ///   - onLoad: called whenever other tokens are valid from then on.
  package init(
    _ source: TokenSource, environment: [String: String] = [:], clock: any Clock<Duration> = ContinuousClock(),
    period: Duration = .seconds(2), logger: Logger, onLoad: @escaping @Sendable () -> Void = {}
  ) {
    self.source = source
    self.environment = environment
    self.clock = clock
    self.period = period
    self.logger = logger
    self.onLoad = onLoad
  }

  /// How the tokens stand.
  package var status: Status { self.state.withLock { $0.status } }

  /// Reads the tokens for the first time.
  ///
  /// - Throws: ``TokenError`` if there are none, `CryptographyError` if there is no entropy.
  package func load() throws {
    try self.take(try self.source.read(self.environment))
  }

  /// Looks for other tokens until the task is cancelled or gracefully shut down.
  package func run() async {
    guard case .file = self.source else {
      // A shutdown and a cancellation end this alike.
      try? await gracefulShutdown()
      return
    }
    await cancelWhenGracefulShutdown {
      // The clock throws when the task is cancelled, and then this is over.
      while (try? await self.clock.sleep(for: self.period)) != nil { self.look() }
    }
  }

  /// Whether this is one of the tokens.
  func contains(_ token: some Collection<UInt8>) -> Bool {
    self.state.withLock { $0.tokens }?.contains(token) ?? false
  }

  /// Reads the tokens again; what was valid stays so if that fails.
  func look() {
    do {
      if try self.take(try self.source.read(self.environment)) { self.logger.info("Bearer tokens changed") }
    } catch {
      // Errors of either kind say what is wrong and nothing of a token.
      let text = "\(error)"
      let isNews = self.state.withLock { state in
        defer { state.status.error = text }
        return state.status.error != text
      }
      if isNews {
        self.logger.warning(
          "Bearer tokens cannot be read again; those from before stay valid", metadata: ["error": "\(text)"])
      }
    }
  }

  @discardableResult
  private func take(_ read: [[UInt8]]) throws -> Bool {
    let isSame = self.state.withLock { state in
      guard state.tokens != nil, state.read == read else { return false }
      state.status.error = nil
      return true
    }
    guard !isSame else { return false }
    let tokens = try BearerTokens(read)
    self.state.withLock { state in
      if state.tokens != nil { state.status.reloads += 1 }
      state.tokens = tokens
      state.read = read
      state.status.count = tokens.count
      state.status.error = nil
    }
    self.onLoad()
    return true
  }
}

extension TokenStore: CustomReflectable {
  /// Nothing of the tokens.
  package var customMirror: Mirror { Mirror(self, children: []) }
}
