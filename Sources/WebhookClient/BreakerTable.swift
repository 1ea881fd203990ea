/// The circuit breakers of the endpoints that have failed of late; all others are closed.
///
/// A value without a clock. It is bounded: endpoints that nobody has asked for a while are forgotten, and when there are
/// too many, the one that was asked longest ago.
package struct BreakerTable: Sendable {
  /// What is asked, whoever asks, and however long he waits.
  package struct Key: Sendable, Hashable {
    private let endpoint: WebhookEndpoint

    package init(_ endpoint: WebhookEndpoint) { self.endpoint = endpoint }

    package static func == (left: Key, right: Key) -> Bool {
      left.endpoint.destination == right.endpoint.destination && left.endpoint.path == right.endpoint.path
        && left.endpoint.isSecure == right.endpoint.isSecure && left.endpoint.security == right.endpoint.security
    }

    /// Leaves out certificates, which are long and seldom differ.
    package func hash(into hasher: inout Hasher) {
      hasher.combine(self.endpoint.destination)
      hasher.combine(self.endpoint.path)
    }
  }

  private struct Entry {
    var breaker: CircuitBreaker
    var lastUse: ContinuousClock.Instant
  }

  private let limits: CircuitBreaker.Limits
  private let capacity: Int
  private let memory: Duration
  private var entries: [Key: Entry] = [:]

  /// Creates a table that keeps at most `capacity` breakers, each for `memory` after its last use.
  package init(limits: CircuitBreaker.Limits, capacity: Int = 1024, memory: Duration = .seconds(600)) {
    self.limits = limits
    self.capacity = max(capacity, 1)
    self.memory = memory
  }

  /// How many endpoints are remembered.
  var count: Int { self.entries.count }

  /// Decides whether a question is asked at `now`.
  package mutating func ask(_ key: Key, now: ContinuousClock.Instant) -> CircuitBreaker.OnAsk {
    guard !self.entries.isEmpty, let index = self.entries.index(forKey: key) else {
      var fresh = CircuitBreaker(limits: self.limits)
      return fresh.ask(now: now)
    }
    self.entries.values[index].lastUse = now
    return self.entries.values[index].breaker.ask(now: now)
  }

  /// Records how a question ended, and returns the state after it.
  package mutating func end(
    _ key: Key, _ permit: CircuitBreaker.Permit, _ result: CircuitBreaker.Result, now: ContinuousClock.Instant
  ) -> CircuitBreaker.State {
    guard !self.entries.isEmpty || result == .failure else { return .closed }
    guard let index = self.entries.index(forKey: key) else {
      guard result == .failure else { return .closed }
      self.makeRoom(now: now)
      var breaker = CircuitBreaker(limits: self.limits)
      breaker.end(permit, result, now: now)
      self.entries[key] = Entry(breaker: breaker, lastUse: now)
      return breaker.state
    }
    self.entries.values[index].lastUse = now
    self.entries.values[index].breaker.end(permit, result, now: now)
    let breaker = self.entries.values[index].breaker
    // One that has been open is kept for a while: questions of that time may still end.
    if breaker.isFresh { self.entries.remove(at: index) }
    return breaker.state
  }

  /// The state of an endpoint's breaker.
  package func state(_ key: Key) -> CircuitBreaker.State {
    self.entries[key]?.breaker.state ?? .closed
  }

  private mutating func makeRoom(now: ContinuousClock.Instant) {
    let memory = self.memory
    self.entries = self.entries.filter { $0.value.lastUse.duration(to: now) < memory }
    guard self.entries.count >= self.capacity else { return }
    if let oldest = self.entries.min(by: { $0.value.lastUse < $1.value.lastUse }) { self.entries[oldest.key] = nil }
  }
}
