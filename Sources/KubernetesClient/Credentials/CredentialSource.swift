import HTTPTransport
import KubernetesModel
import Synchronization

/// Gives what shows who we are, and whom we trust, for each request: re-reads files as they rotate, and runs a plugin
/// when its last credential is about to end.
final class CredentialSource: Sendable {
  /// The token to send, if any, and how to speak TLS.
  struct Current: Sendable {
    var token: String?
    var security: TransportSecurity
  }

  /// Rotated files are valid well beyond this (the kubelet rotates at 80 % of an hour).
  static let rereadInterval: Duration = .seconds(60)

  private typealias PluginResult = Result<Credential, ConfigurationError>

  private struct State {
    var token: String?
    var tokenReadAt: ContinuousClock.Instant?
    var security: TransportSecurity
    var securityReadAt: ContinuousClock.Instant
    var plugin: PluginState = .idle
    /// The plugin's last credential and the time of its renewal; nil time for none.
    var credential: (value: Credential, renewal: Timestamp?)?
  }

  private enum PluginState {
    case idle
    /// It is running for one request; others wait for its result, or for nil if that request was given up.
    case running([CheckedContinuation<PluginResult?, Never>])
  }

  private enum OnCredential {
    case use(Credential)
    case run
    case wait
  }

  private let configuration: ClientConfiguration
  private let time: ClientTime
  private let state: Mutex<State>

  init(_ configuration: ClientConfiguration, time: ClientTime) {
    self.configuration = configuration
    self.time = time
    self.state = Mutex(State(security: configuration.security, securityReadAt: time.instant()))
  }

  /// What to send with the next request.
  ///
  /// - Throws: ``ConfigurationError``; or `CancellationError` when the task is cancelled while a plugin runs.
  func current() async throws -> Current {
    var current = Current(token: nil, security: self.security())
    switch self.configuration.credentials {
    case .none: break
    case .token(let token): current.token = token
    case .tokenFile(let path): current.token = try self.token(from: path)
    case .plugin(let plugin):
      let credential = try await self.credential(of: plugin)
      current.token = credential.token
      if let certificate = credential.clientCertificate {
        current.security.clientCertificate = certificate
        current.security.clientKey = credential.clientKey
      }
    }
    return current
  }

  /// Forgets what was read: the server no longer knows it.
  ///
  /// - Parameter sent: the token that was refused.
  /// - Returns: whether another one may come now.
  func invalidate(sent: String?) -> Bool {
    self.state.withLock { state in
      state.securityReadAt = state.securityReadAt.advanced(by: .zero - Self.rereadInterval)
      switch self.configuration.credentials {
      case .none, .token: return false
      case .tokenFile:
        state.tokenReadAt = nil
        return true
      case .plugin:
        // Another request may have brought a newer one already.
        if state.credential?.value.token == sent { state.credential = nil }
        return true
      }
    }
  }

  /// When the file cannot be read, or is empty while it is being replaced, the last token goes on being used.
  private func token(from path: String) throws(ConfigurationError) -> String {
    let now = self.time.instant()
    let (known, readAt) = self.state.withLock { ($0.token, $0.tokenReadAt) }
    if let known, let readAt, now - readAt < Self.rereadInterval { return known }
    do throws(ConfigurationError) {
      let text = String(decoding: try ConfigurationFile.read(path), as: UTF8.self)
      guard let token = text.split(whereSeparator: \.isWhitespace).first.map(String.init) else {
        throw ConfigurationError("\(path): holds no token")
      }
      self.state.withLock { state in
        state.token = token
        state.tokenReadAt = now
      }
      return token
    } catch {
      guard let known else { throw error }
      return known
    }
  }

  private func security() -> TransportSecurity {
    let files = self.configuration.securityFiles
    let now = self.time.instant()
    let due: TransportSecurity? = self.state.withLock { state in
      guard !files.isEmpty, now - state.securityReadAt >= Self.rereadInterval else { return nil }
      state.securityReadAt = now
      return state.security
    }
    guard var security = due else { return self.state.withLock { $0.security } }
    // A file that cannot be read now leaves what was read before.
    if let path = files.certificateAuthority, let bytes = try? ConfigurationFile.read(path) {
      security.certificateAuthority = bytes
    }
    // The pair counts only together.
    if let path = files.clientCertificate, let bytes = try? ConfigurationFile.read(path) {
      let key = files.clientKey.map { try? ConfigurationFile.read($0) } ?? security.clientKey
      if let key {
        security.clientCertificate = bytes
        security.clientKey = key
      }
    }
    let fresh = security
    self.state.withLock { $0.security = fresh }
    return fresh
  }

  private func credential(of plugin: CredentialPlugin) async throws -> Credential {
    while true {
      let now = self.time.timestamp()
      switch self.state.withLock({ Self.next(&$0, now: now) }) {
      case .use(let credential): return credential
      case .wait:
        if let result = await self.waitForResult() { return try result.get() }
        try Task.checkCancellation()
      case .run: return try await self.run(plugin)
      }
    }
  }

  private static func next(_ state: inout State, now: Timestamp) -> OnCredential {
    if let (value, renewal) = state.credential, renewal.map({ now < $0 }) ?? true { return .use(value) }
    if case .running = state.plugin { return .wait }
    state.plugin = .running([])
    return .run
  }

  private func waitForResult() async -> PluginResult? {
    await withCheckedContinuation { continuation in
      let isOver = self.state.withLock { state in
        guard case .running(let waiting) = state.plugin else { return true }
        state.plugin = .running(waiting + [continuation])
        return false
      }
      if isOver { continuation.resume(returning: nil) }
    }
  }

  private func run(_ plugin: CredentialPlugin) async throws -> Credential {
    var result: PluginResult?
    do {
      result = .success(try await plugin.run())
    } catch let error as ConfigurationError {
      result = .failure(error)
    } catch {
      // Cancelled: whoever waits runs it anew.
    }
    let now = self.time.timestamp()
    let outcome = result
    let (waiting, final) = self.state.withLock {
      (state) -> ([CheckedContinuation<PluginResult?, Never>], PluginResult?) in
      var final = outcome
      switch outcome {
      case .success(let credential): state.credential = (credential, credential.renewal(obtained: now))
      case .failure:
        // Until its end the last credential is better than none.
        if let (last, _) = state.credential, last.expiry.map({ now < $0 }) ?? true { final = .success(last) }
      case nil: break
      }
      guard case .running(let waiting) = state.plugin else { return ([], final) }
      state.plugin = .idle
      return (waiting, final)
    }
    for continuation in waiting { continuation.resume(returning: final) }
    guard let final else { throw CancellationError() }
    return try final.get()
  }
}
