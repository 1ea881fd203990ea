import KubernetesClient
import KubernetesModel

/// Decides what becomes of each happening: a new Event, a higher count on an earlier one, or nothing.
///
/// A value with bounded memory, moved by the times that it is given.
struct EventCorrelator: Sendable {
  /// What makes two happenings the same.
  struct Happening: Sendable, Hashable {
    var object: ObjectReference
    var severity: String
    var reason: String
    var message: String
  }

  enum OnHappening: Sendable, Equatable {
    /// Too many about this object: say nothing.
    case drop
    case create
    /// The Event of this key has happened so often.
    case count(ObjectKey, Int64)
  }

  /// A repeat within this time of the last one adds to the count.
  static let repeatWindow: Duration = .seconds(600)
  /// How many happenings and objects are remembered.
  static let capacity = 1_000
  /// As client-go: 25 at once about one object, and one more every five minutes.
  static let allowance = TokenBucket(burst: 25, interval: .seconds(300))

  private struct Written {
    var key: ObjectKey
    var count: Int64
    var at: ContinuousClock.Instant
  }

  private var written: [Happening: Written] = [:]
  private var allowances: [ObjectReference: TokenBucket] = [:]

  /// How much is remembered.
  var remembered: (happenings: Int, objects: Int) { (self.written.count, self.allowances.count) }

  /// Decides about one happening.
  mutating func happened(_ happening: Happening, at now: ContinuousClock.Instant) -> OnHappening {
    guard self.take(happening.object, at: now) else { return .drop }
    guard let earlier = self.written[happening], now - earlier.at < Self.repeatWindow else { return .create }
    return .count(earlier.key, earlier.count + 1)
  }

  /// An Event has been written.
  mutating func wrote(_ happening: Happening, as key: ObjectKey, count: Int64, at now: ContinuousClock.Instant) {
    if self.written[happening] == nil, self.written.count >= Self.capacity {
      self.written = self.written.filter { now - $0.value.at < Self.repeatWindow }
      if self.written.count >= Self.capacity, let oldest = self.written.min(by: { $0.value.at < $1.value.at }) {
        self.written[oldest.key] = nil
      }
    }
    self.written[happening] = Written(key: key, count: count, at: now)
  }

  /// The Event is no longer there.
  mutating func forget(_ happening: Happening) { self.written[happening] = nil }

  private mutating func take(_ object: ObjectReference, at now: ContinuousClock.Instant) -> Bool {
    var bucket = self.allowances[object] ?? Self.allowance
    let isThere = bucket.takeIfAvailable(at: now)
    if self.allowances[object] == nil, self.allowances.count >= Self.capacity {
      self.allowances = self.allowances.filter { !$0.value.isFull(at: now) }
      // Among a thousand busy objects one that is forgotten may speak a little more.
      if self.allowances.count >= Self.capacity { _ = self.allowances.popFirst() }
    }
    self.allowances[object] = bucket
    return isThere
  }
}
