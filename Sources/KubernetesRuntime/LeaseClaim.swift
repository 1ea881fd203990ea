import KubernetesModel

/// How long a lease lasts, and how often it is renewed.
///
/// `renewDeadline` must be shorter than `lease`: in between, the holder that could not renew ends its work before
/// anybody else may take the lease.
package struct LeaseTiming: Sendable, Hashable {
  /// How long others leave a lease alone that they have not seen renewed; whole seconds.
  package var lease: Duration
  /// How long the holder goes on working without having renewed.
  package var renewDeadline: Duration
  /// How often it is tried to take or to renew.
  package var retryPeriod: Duration

  package init(
    lease: Duration = .seconds(15), renewDeadline: Duration = .seconds(10), retryPeriod: Duration = .seconds(2)
  ) {
    self.lease = lease
    self.renewDeadline = renewDeadline
    self.retryPeriod = retryPeriod
  }
}

/// Who may act on a lease, by what was seen and when it was seen here: the clocks of others are never trusted.
///
/// ```
///             wrote                    ended, seen another, released
///  standby ----------> leading ----------------------------------------> standby
///                      |     ^
///                      +-----+ wrote
/// ```
struct LeaseClaim<C: Clock>: Sendable where C.Duration == Duration {
  /// What to do about the lease now.
  enum Step: Equatable {
    /// It does not exist: make it.
    case create(Lease.Spec)
    /// It is free, or ours: write this over the version that was seen.
    case replace(Lease.Spec)
    /// Another one holds it.
    case leaveAlone(holder: String)
  }

  let identity: String
  let timing: LeaseTiming
  /// The lease as last seen, and when its holder or renewal was first seen so.
  private var seen: (spec: Lease.Spec, at: C.Instant)?
  /// When the request was sent that last took or renewed the lease; nil on standby.
  private var renewedAt: C.Instant?

  init(identity: String, timing: LeaseTiming) {
    self.identity = identity
    self.timing = timing
  }

  /// The end of our right to act, unless it is renewed; nil on standby.
  var end: C.Instant? { self.renewedAt?.advanced(by: self.timing.renewDeadline) }

  /// Whether we may act at this time.
  func isLeading(at now: C.Instant) -> Bool { self.end.map { now < $0 } ?? false }

  /// Decides by what the server has now.
  ///
  /// - Parameter lease: nil if there is none.
  mutating func look(at lease: Lease?, now: C.Instant, time: Timestamp) -> Step {
    let fresh = Lease.Spec(
      holderIdentity: self.identity, leaseDurationSeconds: self.leaseSeconds, acquireTime: MicroTimestamp(time),
      renewTime: MicroTimestamp(time), leaseTransitions: 0)
    guard let lease else {
      self.seen = nil
      return .create(fresh)
    }
    let spec = lease.spec ?? Lease.Spec()
    if self.seen?.spec != spec { self.seen = (spec, now) }
    var next = fresh
    if spec.holderIdentity == self.identity {
      next.acquireTime = spec.acquireTime ?? next.acquireTime
      next.leaseTransitions = spec.leaseTransitions
      return .replace(next)
    }
    if let holder = spec.holderIdentity, !holder.isEmpty, let seen = self.seen {
      // The holder's own promise counts; a foolish one does not lock everybody out for ever.
      let promised = Duration.seconds(min(max(spec.leaseDurationSeconds ?? self.leaseSeconds, 1), 3_600))
      guard now >= seen.at.advanced(by: promised) else {
        self.renewedAt = nil
        return .leaveAlone(holder: holder)
      }
    }
    next.leaseTransitions = (spec.leaseTransitions ?? 0) + 1
    return .replace(next)
  }

  /// The server has taken what ``look(at:now:time:)`` said.
  ///
  /// - Parameter sent: when the request left: the server cannot have taken it earlier.
  mutating func wrote(_ lease: Lease, sent: C.Instant) {
    self.seen = (lease.spec ?? Lease.Spec(), sent)
    self.renewedAt = sent
  }

  /// Our time is over, or we give it up.
  mutating func standDown() { self.renewedAt = nil }

  /// What to write to let another one take the lease at once.
  func released(_ spec: Lease.Spec, time: Timestamp) -> Lease.Spec {
    Lease.Spec(
      holderIdentity: "", leaseDurationSeconds: 1, acquireTime: MicroTimestamp(time), renewTime: MicroTimestamp(time),
      leaseTransitions: spec.leaseTransitions)
  }

  private var leaseSeconds: Int64 { max(1, self.timing.lease.components.seconds) }
}
