import DequeModule
package import KubernetesClient
package import KubernetesModel
package import Logging
import Synchronization

/// Writes Events about objects.
///
/// Repeats within a time add to the first one's count, and nobody ever waits for it.
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
  /// A repeat within this time adds to the count.
  static let repeatWindow: Duration = .seconds(600)

  private struct Happening: Hashable {
    var object: ObjectReference
    var severity: String
    var reason: String
    var message: String
  }

  private struct Written {
    var key: ObjectKey
    var count: Int64
    var at: ContinuousClock.Instant
  }

  private struct State {
    var waiting: Deque<Happening> = []
    var written: [Happening: Written] = [:]
  }

  private let client: APIClient
  private let component: String
  private let logger: Logger
  private let state = Mutex(State())
  private let wake = AsyncSignal()

  package init(client: APIClient, component: String, logger: Logger) {
    self.client = client
    self.component = component
    self.logger = logger
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
    let happening = Happening(
      object: object, severity: severity.rawValue, reason: reason, message: String(message.prefix(1_024)))
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

  private func write(_ happening: Happening) async throws {
    let instant = ContinuousClock.now
    if let earlier = self.state.withLock({ $0.written[happening] }), instant - earlier.at < Self.repeatWindow {
      let count = earlier.count + 1
      do {
        let _: Event = try await self.client.patch(
          Event.self, earlier.key,
          ["count": .integer(count), "lastTimestamp": .string(Timestamp.now.description)])
        self.remember(happening, Written(key: earlier.key, count: count, at: earlier.at))
        return
      } catch let error as APIError where error.isNotFound {
        // It has outlived its time; a new one is written.
      }
    }
    let now = Timestamp.now
    let namespace = happening.object.namespace ?? "default"
    let suffix = String(UInt64.random(in: 0...UInt64.max), radix: 16)
    var event = Event(
      metadata: ObjectMeta(name: "\(happening.object.name ?? "object").\(suffix)", namespace: namespace),
      involvedObject: happening.object)
    event.reason = happening.reason
    event.message = happening.message
    event.type = happening.severity
    event.source = Event.Source(component: self.component)
    event.reportingComponent = self.component
    event.firstTimestamp = now
    event.lastTimestamp = now
    event.count = 1
    let created = try await self.client.create(event)
    self.remember(happening, Written(key: created.key, count: 1, at: instant))
  }

  private func remember(_ happening: Happening, _ written: Written) {
    self.state.withLock { state in
      if state.written.count >= Self.capacity {
        let now = ContinuousClock.now
        state.written = state.written.filter { now - $0.value.at < Self.repeatWindow }
        if state.written.count >= Self.capacity { state.written.removeAll() }
      }
      state.written[happening] = written
    }
  }
}
