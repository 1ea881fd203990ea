/// When a transfer has taken too long: in all, or without a sign of life.
struct TransferDeadline<Instant: InstantProtocol> where Instant.Duration == Duration {
  /// Which limit was passed.
  enum Passed: Equatable {
    case total(Duration)
    case idle(Duration)
  }

  private let start: Instant
  private let total: Duration?
  private let idle: Duration?
  private var lastByte: Instant
  private var isHeldBack = false

  /// Starts counting at `now`.
  init(total: Duration?, idle: Duration?, now: Instant) {
    self.start = now
    self.total = total
    self.idle = idle
    self.lastByte = now
  }

  /// Whether it matters when bytes are seen.
  var countsSilence: Bool { self.idle != nil }

  /// The next moment at which a limit may have passed; nil for never.
  var next: Instant? {
    let end = self.total.map { self.start.advanced(by: $0) }
    guard let idle = self.idle, !self.isHeldBack else { return end }
    let silence = self.lastByte.advanced(by: idle)
    return end.map { Swift.min($0, silence) } ?? silence
  }

  /// Records that bytes went either way.
  mutating func sawBytes(now: Instant) {
    self.lastByte = now
  }

  /// Records that our own reader is slow: silence says nothing about the peer until ``resume(now:)``.
  mutating func holdBack() {
    self.isHeldBack = true
  }

  /// Records that bytes are wanted again.
  mutating func resume(now: Instant) {
    self.isHeldBack = false
    self.lastByte = now
  }

  /// The limit that has passed at `now`, if one has.
  func passed(now: Instant) -> Passed? {
    if let total = self.total, self.start.duration(to: now) >= total { return .total(total) }
    if let idle = self.idle, !self.isHeldBack, self.lastByte.duration(to: now) >= idle { return .idle(idle) }
    return nil
  }
}
