import Synchronization

/// Gives the bearer token to send, and re-reads a token file as it rotates.
final class TokenSource: Sendable {
  private struct State {
    var token: String?
    var readAt: ContinuousClock.Instant?
  }

  /// Rotated tokens are valid well beyond this (the kubelet rotates at 80 % of an hour).
  static let rereadInterval: Duration = .seconds(60)

  private let credentials: ClientConfiguration.Credentials
  private let state = Mutex(State())

  init(_ credentials: ClientConfiguration.Credentials) { self.credentials = credentials }

  /// The token, or nil if none is to be sent.
  ///
  /// When the file cannot be read the last token goes on being used.
  func token() throws(ConfigurationError) -> String? {
    switch self.credentials {
    case .none: return nil
    case .token(let token): return token
    case .tokenFile(let path):
      let now = ContinuousClock.now
      let known = self.state.withLock { $0 }
      if let token = known.token, let readAt = known.readAt, now - readAt < Self.rereadInterval { return token }
      do {
        let text = String(decoding: try ConfigurationFile.read(path), as: UTF8.self)
        let token = String(text.split(whereSeparator: \.isWhitespace).first ?? "")
        self.state.withLock { $0 = State(token: token, readAt: now) }
        return token
      } catch {
        guard let token = known.token else { throw error }
        return token
      }
    }
  }

  /// Forgets the token, so that the file is read again: the server no longer knows it.
  func invalidate() { self.state.withLock { $0.readAt = nil } }
}
