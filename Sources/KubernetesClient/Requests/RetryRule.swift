import HTTPTransport
import HTTPTypes

/// Decides whether a request that failed is sent again, and when.
///
/// Sent again is only what was certainly not carried out, or what changes nothing.
struct RetryRule: Sendable, Equatable {
  /// How a request failed.
  enum Failure: Sendable, Equatable {
    /// The server refused, and asked to wait for so long.
    case refused(code: Int, retryAfter: Duration?)
    /// The request or its answer did not come through.
    case broken(TransportError)
  }

  enum OnFailure: Sendable, Equatable {
    case giveUp
    case sendAgain(after: Duration)
  }

  /// How often one request is sent at most.
  static let maximumTries = 5
  /// How long all waits of one request may be together.
  static let maximumWait: Duration = .seconds(20)
  /// How long to wait where the server names no time.
  static let backoff = (base: Duration.milliseconds(500), maximum: Duration.seconds(5))

  private let isRead: Bool
  private var tries = 1
  private var waited: Duration = .zero
  private var hasReconnected = false

  init(method: HTTPRequest.Method) { self.isRead = method == .get || method == .head }

  /// - Parameter jitter: from 0 up to 1; up to a quarter is added to every wait.
  mutating func failed(_ failure: Failure, jitter: Double) -> OnFailure {
    guard self.tries < Self.maximumTries else { return .giveUp }
    let delay: Duration
    switch failure {
    case .broken(let error):
      // A kept connection that the server has closed meanwhile; once, for a server that is gone stays gone.
      guard error.code == .connectionBroken, self.isRead || error.isSafeToRetry, !self.hasReconnected else {
        return .giveUp
      }
      self.hasReconnected = true
      self.tries += 1
      return .sendAgain(after: .zero)
    case .refused(429, let retryAfter): delay = retryAfter ?? self.defaultDelay
    case .refused(503, let retryAfter?): delay = retryAfter
    case .refused(503, nil) where self.isRead: delay = self.defaultDelay
    case .refused: return .giveUp
    }
    let spread = delay * (1 + jitter / 4)
    guard self.waited + spread <= Self.maximumWait else { return .giveUp }
    self.tries += 1
    self.waited += spread
    return .sendAgain(after: spread)
  }

  private var defaultDelay: Duration { min(Self.backoff.base * (1 << (self.tries - 1)), Self.backoff.maximum) }
}
