import KubernetesModel
import Synchronization

/// Remembers what our own writes made of objects until the store shows it, so that nothing is decided, and no write
/// refused, on what we know to be old.
///
/// Lost with the process, which is safe: a new one lists everything before it acts.
final class OwnWrites: Sendable {
  /// A watch that is further behind than this is broken, or the object has been changed beyond recognition.
  static let lifetime: Duration = .seconds(5)
  /// Awaited objects whose time is over are forgotten when there are so many.
  private static let mostRemembered = 10_000

  private struct Identity: Hashable {
    var kind: String
    var key: ObjectKey
  }

  private struct Awaited {
    var metadata: ObjectMeta
    var isDeletion: Bool
    var until: ContinuousClock.Instant

    /// Whether the store has come as far as the write.
    ///
    /// Versions of one kind are numbers that grow; where they are none, only the very same one counts.
    func isShown(by seen: ObjectMeta?) -> Bool {
      // What was made and does not show at all may not show yet.
      guard let seen else { return self.isDeletion }
      guard seen.uid == self.metadata.uid else { return true }
      if self.isDeletion { return seen.isBeingDeleted }
      guard let reached = seen.resourceVersion, let wanted = self.metadata.resourceVersion else { return true }
      guard let reached = UInt64(reached), let wanted = UInt64(wanted) else { return reached == wanted }
      return reached >= wanted
    }
  }

  private let awaited = Mutex<[Identity: Awaited]>([:])
  private let instant: @Sendable () -> ContinuousClock.Instant

  /// - Parameter instant: the clock.
  init(instant: @escaping @Sendable () -> ContinuousClock.Instant) { self.instant = instant }

  /// Notes what the API server answered to a write.
  func note<Resource: KubernetesResource>(_ written: Resource) {
    self.expect(written, isDeletion: false)
  }

  /// Notes that an object's deletion was asked for.
  func noteDeletion<Resource: KubernetesResource>(of object: Resource) {
    self.expect(object, isDeletion: true)
  }

  private func expect<Resource: KubernetesResource>(_ object: Resource, isDeletion: Bool) {
    let now = self.instant()
    let entry = Awaited(metadata: object.metadata, isDeletion: isDeletion, until: now + Self.lifetime)
    self.awaited.withLock { awaited in
      if awaited.count >= Self.mostRemembered { awaited = awaited.filter { $0.value.until > now } }
      awaited[Identity(kind: Resource.resourceType.kind, key: object.key)] = entry
    }
  }

  /// How long to wait for the store to show the last write; nil if there is nothing to wait for.
  ///
  /// - Parameter seen: what the store shows under the key; nil for nothing.
  func wait<Resource: KubernetesResource>(for type: Resource.Type, _ key: ObjectKey, seen: Resource?) -> Duration? {
    let now = self.instant()
    let identity = Identity(kind: Resource.resourceType.kind, key: key)
    return self.awaited.withLock { awaited in
      guard let entry = awaited[identity] else { return nil }
      guard entry.until > now, !entry.isShown(by: seen?.metadata) else {
        awaited[identity] = nil
        return nil
      }
      return now.duration(to: entry.until)
    }
  }
}
