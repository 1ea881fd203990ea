import APIServer
import KubernetesClient
import KubernetesModel
import Synchronization
import TestSupport
import Testing

@testable import KubernetesRuntime

@Suite struct EventCorrelatorTests {
  private let start = ContinuousClock.now

  private func at(_ seconds: Int) -> ContinuousClock.Instant { self.start.advanced(by: .seconds(seconds)) }

  private func happening(_ name: String, _ message: String = "m") -> EventCorrelator.Happening {
    EventCorrelator.Happening(
      object: ObjectReference(kind: "Pod", name: name, namespace: "n"), severity: "Normal", reason: "R",
      message: message)
  }

  private func key(_ name: String) -> ObjectKey { ObjectKey(namespace: "n", name: name) }

  @Test func repeatsAreCountedWithinTheirTime() {
    var correlator = EventCorrelator()
    #expect(correlator.happened(self.happening("a"), at: self.at(0)) == .create)
    correlator.wrote(self.happening("a"), as: self.key("e"), count: 1, at: self.at(0))
    #expect(correlator.happened(self.happening("a"), at: self.at(599)) == .count(self.key("e"), 2))
    correlator.wrote(self.happening("a"), as: self.key("e"), count: 2, at: self.at(599))
    #expect(correlator.happened(self.happening("a"), at: self.at(1_198)) == .count(self.key("e"), 3))
    #expect(correlator.happened(self.happening("a", "other"), at: self.at(1_198)) == .create)
    #expect(correlator.happened(self.happening("b"), at: self.at(1_198)) == .create)
    #expect(correlator.happened(self.happening("a"), at: self.at(1_199)) == .create)
  }

  @Test func anObjectHasItsShareAndNoMore() {
    var correlator = EventCorrelator()
    for number in 0..<25 {
      #expect(correlator.happened(self.happening("a", "\(number)"), at: self.at(0)) == .create)
    }
    #expect(correlator.happened(self.happening("a", "more"), at: self.at(299)) == .drop)
    #expect(correlator.happened(self.happening("b"), at: self.at(299)) == .create)
    #expect(correlator.happened(self.happening("a", "more"), at: self.at(300)) == .create)
    #expect(correlator.happened(self.happening("a", "more"), at: self.at(301)) == .drop)
  }

  @Test func memoryIsBounded() {
    var correlator = EventCorrelator()
    for number in 0..<3_000 {
      let happening = self.happening("a\(number)")
      _ = correlator.happened(happening, at: self.at(number))
      correlator.wrote(happening, as: self.key("e\(number)"), count: 1, at: self.at(number))
    }
    #expect(correlator.remembered.happenings <= EventCorrelator.capacity)
    #expect(correlator.remembered.objects <= EventCorrelator.capacity)
    #expect(correlator.happened(self.happening("a2999"), at: self.at(3_000)) == .count(self.key("e2999"), 2))
  }
}

@Suite(.timeLimit(.minutes(2))) struct EventRecorderTests {
  private let pod = ObjectReference(apiVersion: "v1", kind: "Pod", name: "p", namespace: "default", uid: "u")

  private func withRecorder(_ body: (EventRecorder, APIClient, ManualClock) async throws -> Void) async throws {
    let server = try EmbeddedAPIServer.open(.init(storage: .memory))
    defer { server.close() }
    let client = APIClient(transport: server, configuration: .inProcess, fieldManager: "test")
    let clock = ManualClock()
    let recorder = EventRecorder(client: client, component: "tester", logger: silentLogger, time: clock.time)
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { await recorder.run() }
      try await body(recorder, client, clock)
      group.cancelAll()
    }
  }

  private func events(_ client: APIClient) async throws -> [Event] {
    try await client.list(Event.self, namespace: "default").items
  }

  @Test func repeatsRaiseTheCountOfOneEvent() async throws {
    try await self.withRecorder { recorder, client, clock in
      recorder.record(self.pod, .warning, reason: "Broken", message: "it broke")
      try await eventually("one Event") { try await self.events(client).count == 1 }
      clock.advance(by: .seconds(60))
      recorder.record(self.pod, .warning, reason: "Broken", message: "it broke")
      try await eventually("a count of two") { try await self.events(client).first?.count == 2 }
      let events = try await self.events(client)
      let event = try #require(events.first)
      #expect(events.count == 1)
      #expect(event.type == "Warning")
      #expect(event.reason == "Broken")
      #expect(event.involvedObject.uid == "u")
      #expect(event.source?.component == "tester")
      #expect(event.firstTimestamp?.advanced(by: .seconds(60)) == event.lastTimestamp)
    }
  }

  @Test func anEventThatWasDeletedIsWrittenAnew() async throws {
    try await self.withRecorder { recorder, client, _ in
      recorder.record(self.pod, .normal, reason: "Started", message: "it runs")
      let first = try await eventually("one Event") { try await self.events(client).first }
      try await client.delete(Event.self, first.key)
      recorder.record(self.pod, .normal, reason: "Started", message: "it runs")
      let second = try await eventually("another Event") { try await self.events(client).first }
      #expect(second.key != first.key)
      #expect(second.count == 1)
      recorder.record(self.pod, .normal, reason: "Started", message: "it runs")
      try await eventually("a count of two") { try await self.events(client).first?.count == 2 }
    }
  }

  @Test func aFloodAboutOneObjectIsCut() async throws {
    try await self.withRecorder { recorder, client, _ in
      for number in 0..<100 { recorder.record(self.pod, .normal, reason: "Flood", message: "\(number)") }
      var other = self.pod
      other.name = "other"
      recorder.record(other, .normal, reason: "Calm", message: String(repeating: "ü", count: 2_000))
      try await eventually("the other is heard") {
        try await self.events(client).contains { $0.reason == "Calm" }
      }
      let events = try await self.events(client)
      #expect(events.filter { $0.reason == "Flood" }.count == 25)
      #expect(events.first { $0.reason == "Calm" }?.message?.utf8.count == 1_024)
    }
  }
}

/// A clock that stands until a test moves it.
private final class ManualClock: Sendable {
  private let elapsed = Mutex(Duration.zero)
  private let start = ContinuousClock.now

  func advance(by duration: Duration) { self.elapsed.withLock { $0 += duration } }

  var time: ClientTime {
    ClientTime(
      instant: { self.start.advanced(by: self.elapsed.withLock { $0 }) },
      timestamp: { Timestamp(secondsSinceEpoch: 1_767_225_600).advanced(by: self.elapsed.withLock { $0 }) })
  }
}
