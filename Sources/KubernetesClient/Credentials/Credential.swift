import HTTPTransport
package import KubernetesModel

/// What a plugin gave to show who we are.
struct Credential: Sendable, Hashable {
  /// A bearer token.
  var token: String?
  /// A PEM certificate chain, and its key.
  var clientCertificate: [UInt8]?
  var clientKey: [UInt8]?
  /// When it ends; nil if it holds until it is refused.
  var expiry: Timestamp?

  /// When the next one is to be fetched: before the end, by a fifth of the lifetime and at most a minute.
  func renewal(obtained: Timestamp) -> Timestamp? {
    self.expiry.map { expiry in
      let lifetime = max(expiry.duration(since: obtained), .zero)
      return expiry.advanced(by: .zero - min(lifetime / 5, .seconds(60)))
    }
  }
}

/// Time and chance as the client sees them, so that tests hold them in their hands.
package struct ClientTime: Sendable {
  /// A clock for intervals.
  package var instant: @Sendable () -> ContinuousClock.Instant
  /// The calendar's time.
  package var timestamp: @Sendable () -> Timestamp
  /// Waits; throws when the task is cancelled.
  package var sleep: @Sendable (Duration) async throws -> Void
  /// A number from 0 up to 1 that spreads what would happen together.
  package var jitter: @Sendable () -> Double

  package init(
    instant: @escaping @Sendable () -> ContinuousClock.Instant = { .now },
    timestamp: @escaping @Sendable () -> Timestamp = { .now },
    sleep: @escaping @Sendable (Duration) async throws -> Void = { try await Timeout.wait($0) },
    jitter: @escaping @Sendable () -> Double = { .random(in: 0..<1) }
  ) {
    self.instant = instant
    self.timestamp = timestamp
    self.sleep = sleep
    self.jitter = jitter
  }
}
