import DequeModule
package import KubernetesClient
package import KubernetesModel
package import Logging
import Synchronization

/// Writes Events about objects.
///
/// Repeats within ten minutes add to the first one's count, no object has more than its share, and nobody ever waits.
///
/// To use a recorder, run it in a task.
package final class EventRecorder: Sendable {
  /// How much a happening matters.
  package enum Severity: String, Sendable {
    case normal = "Normal"
    case warning = "Warning"
  }

  /// Happenings that wait to be written; more are dropped, oldest first.
  static let capacity = 1_000

  private struct State {
    var waiting: Deque<EventCorrelator.Happening> = []
    var correlator = EventCorrelator()
  }

  private let client: APIClient
  private let component: String
  private let logger: Logger
  private let time: ClientTime
  private let state = Mutex(State())
  private let wake = AsyncSignal()

  package init(client: APIClient, component: String, logger: Logger, time: ClientTime = ClientTime()) {
    self.client = client
    self.component = component
    self.logger = logger
    self.time = time
  }

  /// Notes a happening.
  ///
  /// - Parameters:
  ///   - reason: one word, CamelCase.
  ///   - message: a sentence for a person, cut to 1 KiB.
  package func record(_ object: ObjectReference, _ severity: Severity, reason: String, message: String) {
    var object = object
    // The version would make every repeat another happening.
    object.resourceVersion = nil
    let happening = EventCorrelator.Happening(
      object: object, severity: severity.rawValue, reason: reason, message: Self.cut(message))
    self.state.withLock { state in
      if state.waiting.count == Self.capacity { state.waiting.removeFirst() }
      state.waiting.append(happening)
    }
    self.wake.notify()
  }

  /// Writes what is noted until the task is cancelled.
  package func run() async {
    while !Task.isCancelled {
      guard let happening = self.state.withLock({ $0.waiting.popFirst() }) else {
        await self.wake.wait()
        continue
      }
      do {
        try await self.write(happening)
      } catch is CancellationError {
        return
      } catch {
        self.logger.debug(
          "Event not written", metadata: ["event.reason": "\(happening.reason)", "error": "\(error)"])
      }
    }
  }

  private func write(_ happening: EventCorrelator.Happening) async throws {
    let instant = self.time.instant()
    switch self.state.withLock({ $0.correlator.happened(happening, at: instant) }) {
    case .drop: return
    case .create: try await self.create(happening, at: instant)
    case .count(let key, let count):
      do {
        let now = self.time.timestamp()
        let _: Event = try await self.client.patch(
          Event.self, key, ["count": .integer(count), "lastTimestamp": .string(now.description)])
        self.state.withLock { $0.correlator.wrote(happening, as: key, count: count, at: instant) }
      } catch let error as APIError where error.isNotFound {
        // It has outlived its time, or was deleted; a new one is written.
        self.state.withLock { $0.correlator.forget(happening) }
        try await self.create(happening, at: instant)
      }
    }
  }

  private func create(_ happening: EventCorrelator.Happening, at instant: ContinuousClock.Instant) async throws {
    let now = self.time.timestamp()
    let namespace = happening.object.namespace ?? "default"
    let suffix = String(UInt64.random(in: 0...UInt64.max), radix: 16)
    // A name may have 253 characters.
    let prefix = (happening.object.name ?? "object").prefix(230)
    var event = Event(
      metadata: ObjectMeta(name: "\(prefix).\(suffix)", namespace: namespace), involvedObject: happening.object)
    event.reason = happening.reason
    event.message = happening.message
    event.type = happening.severity
    event.source = Event.Source(component: self.component)
    event.reportingComponent = self.component
    event.firstTimestamp = now
    event.lastTimestamp = now
    event.count = 1
    let created = try await self.client.create(event)
    self.state.withLock { $0.correlator.wrote(happening, as: created.key, count: 1, at: instant) }
  }

  /// The API server counts bytes.
  private static func cut(_ message: String) -> String {
    guard message.utf8.count > 1_024 else { return message }
    var cut = String(message.prefix(1_024))
    while cut.utf8.count > 1_024 { cut.removeLast() }
    return cut
  }
}
