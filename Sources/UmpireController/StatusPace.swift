import KubernetesClient
import KubernetesModel
import Synchronization
import UmpireModel

/// Keeps the statuses of owners from being written anew for each of their children.
///
/// While a hundred Servers become ready one after the other, the numbers are written once a second. What somebody may
/// wait for is written at once.
final class StatusPace: Sendable {
  /// Between two writes of numbers of one object.
  static let interval: Duration = .seconds(1)
  /// Objects whose last write lies longer back are forgotten when there are so many.
  private static let mostRemembered = 10_000

  private let written = Mutex<[ObjectKey: ContinuousClock.Instant]>([:])
  private let instant: @Sendable () -> ContinuousClock.Instant
  private let ownWrites: OwnWrites

  /// - Parameters:
  ///   - instant: the clock.
  ///   - ownWrites: is told of every write.
  init(instant: @escaping @Sendable () -> ContinuousClock.Instant, ownWrites: OwnWrites) {
    self.instant = instant
    self.ownWrites = ownWrites
  }

  /// Writes the new status of an object if it differs from the old one, as soon as it may be written.
  ///
  /// - Returns: how long it has to wait; nil if the status says what it should.
  func write<Resource: KubernetesResource, Status: PacedStatus>(
    _ object: Resource, from old: Status?, to new: Status, client: APIClient
  ) async throws -> Duration? {
    guard new != old else { return nil }
    if let wait = self.delay(object.key, isUrgent: new.isNews(after: old)) { return wait }
    if let written = try await StatusPatch.write(object, from: old, to: new, client: client) {
      self.ownWrites.note(written)
    }
    return nil
  }

  /// How long a write of numbers has to wait; nil if it may be made, which is taken to happen.
  private func delay(_ key: ObjectKey, isUrgent: Bool) -> Duration? {
    let now = self.instant()
    return self.written.withLock { written in
      if !isUrgent, let last = written[key], now - last < Self.interval { return Self.interval - (now - last) }
      if written.count >= Self.mostRemembered { written = written.filter { now - $0.value < Self.interval } }
      written[key] = now
      return nil
    }
  }
}

/// A status with numbers that change with every child.
protocol PacedStatus: Encodable, Equatable {
  /// Whether somebody may wait for this, rather than just count along.
  func isNews(after before: Self?) -> Bool
}

extension FleetStatus: PacedStatus {
  func isNews(after before: FleetStatus?) -> Bool {
    guard let before else { return true }
    return self.observedGeneration != before.observedGeneration
      || self.conditions.news != before.conditions.news
  }
}

extension GameTypeStatus: PacedStatus {
  func isNews(after before: GameTypeStatus?) -> Bool {
    guard let before else { return true }
    return self.observedGeneration != before.observedGeneration || self.fleetName != before.fleetName
      || self.conditions.news != before.conditions.news
  }
}

extension [Condition] {
  /// What the conditions say, without their times and messages.
  fileprivate var news: [String] { self.map { "\($0.type) \($0.status.rawValue) \($0.reason ?? "")" } }
}
