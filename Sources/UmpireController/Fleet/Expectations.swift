import Synchronization

/// Remembers what we have done and the store does not show yet, so that a stale store never makes one child too many
/// or one victim too many.
///
/// Lost with the process, which is safe: a new one lists everything before it acts.
final class Expectations: Sendable {
  /// What is outstanding for one owner.
  struct Outstanding: Sendable, Equatable {
    /// Names of children that were created.
    var created: [String: ContinuousClock.Instant] = [:]
    /// Uids of children whose deletion was asked for.
    var deleted: [String: ContinuousClock.Instant] = [:]

    /// Drops what the store shows by now, and what is so old that it never will.
    mutating func settle(
      seen names: Set<String>, deleting uids: Set<String>, present: Set<String>, now: ContinuousClock.Instant
    ) {
      self.created = self.created.filter { !names.contains($0.key) && now - $0.value < Expectations.lifetime }
      self.deleted = self.deleted.filter {
        present.contains($0.key) && !uids.contains($0.key) && now - $0.value < Expectations.lifetime
      }
    }
  }

  /// A watch that is further behind than this is broken and has been listed anew.
  static let lifetime: Duration = .seconds(60)

  private let owners = Mutex<[String: Outstanding]>([:])
  private let instant: @Sendable () -> ContinuousClock.Instant

  /// - Parameter instant: the clock.
  init(instant: @escaping @Sendable () -> ContinuousClock.Instant) { self.instant = instant }

  /// What is outstanding for an owner, given what the store shows.
  func outstanding(
    of owner: String, seen names: Set<String>, deleting uids: Set<String>, present: Set<String>
  ) -> Outstanding {
    let now = self.instant()
    return self.owners.withLock { owners in
      guard var outstanding = owners[owner] else { return Outstanding() }
      outstanding.settle(seen: names, deleting: uids, present: present, now: now)
      owners[owner] = outstanding == Outstanding() ? nil : outstanding
      return outstanding
    }
  }

  /// Notes a child before it is created: the watch may be faster than the answer.
  func willCreate(_ name: String, of owner: String) {
    let now = self.instant()
    self.owners.withLock { $0[owner, default: Outstanding()].created[name] = now }
  }

  /// The child was refused and does not exist.
  func didNotCreate(_ name: String, of owner: String) {
    self.owners.withLock { $0[owner]?.created[name] = nil }
  }

  /// Notes that a child's deletion has been asked for.
  func didDelete(_ uid: String, of owner: String) {
    let now = self.instant()
    self.owners.withLock { $0[owner, default: Outstanding()].deleted[uid] = now }
  }

  /// The owner is gone.
  func forget(_ owner: String) { self.owners.withLock { $0[owner] = nil } }
}
