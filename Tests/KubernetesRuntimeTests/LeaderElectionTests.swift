import APIServer
import HTTPTransport
import KubernetesClient
import KubernetesModel
import Logging
import ServiceLifecycle
import TestSupport
import Testing

@testable import KubernetesRuntime

/// One contender, run as a program runs it.
private struct Contender: ServiceLifecycle.Service {
  let name: String
  let election: LeaderElection<ContinuousClock>
  let journal: Journal

  func run() async throws {
    try await self.election.run {
      self.journal.note("\(self.name) leads")
      defer { self.journal.note("\(self.name) stopped") }
      try await gracefulShutdown()
    }
  }
}

@Suite(.timeLimit(.minutes(2))) struct LeaderElectionTests {
  private let key = ObjectKey(namespace: "default", name: "lead")
  private let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

  private func client(_ transport: any ClientTransport) -> APIClient {
    APIClient(transport: transport, configuration: .inProcess, fieldManager: "test")
  }

  private func election(_ transport: any ClientTransport, _ name: String, _ timing: LeaseTiming)
    -> LeaderElection<ContinuousClock>
  {
    LeaderElection(
      client: self.client(transport), key: self.key, identity: name, clock: ContinuousClock(), logger: self.logger,
      options: LeaderElectionOptions(timing: timing, jitter: { 0 }))
  }

  /// The work ends while a renewal is on its way, and the renewal takes effect though nobody waits for it any more.
  @Test func aRenewalThatWasCutShortDoesNotKeepTheLease() async throws {
    let server = try EmbeddedAPIServer.open(.init(storage: .memory))
    defer { server.close() }
    let timing = LeaseTiming(lease: .seconds(600), renewDeadline: .seconds(300), retryPeriod: .seconds(60))
    let client = self.client(server)
    try await self.election(server, "a", timing).run {
      var lease = try await client.get(Lease.self, self.key)
      lease.spec?.renewTime = MicroTimestamp(.now)
      _ = try await client.replace(lease)
    }
    #expect(try await client.get(Lease.self, self.key).spec?.holderIdentity == "")
  }

  @Test func aReleasedLeaseIsTakenByTheNext() async throws {
    let server = try EmbeddedAPIServer.open(.init(storage: .memory))
    defer { server.close() }
    let journal = Journal()
    let timing = LeaseTiming(lease: .seconds(600), renewDeadline: .seconds(300), retryPeriod: .milliseconds(20))
    func group(_ name: String) -> ServiceGroup {
      let contender = Contender(name: name, election: self.election(server, name, timing), journal: journal)
      return ServiceGroup(configuration: .init(services: [contender], logger: self.logger))
    }
    let (first, second) = (group("a"), group("b"))
    try await withThrowingTaskGroup(of: Void.self) { tasks in
      tasks.addTask { try await first.run() }
      try await eventually("a leads") { journal.all == ["a leads"] }
      tasks.addTask { try await second.run() }
      let before = try await self.client(server).get(Lease.self, self.key)
      try await eventually("the lease is renewed") {
        try await self.client(server).get(Lease.self, self.key).spec?.renewTime != before.spec?.renewTime
      }
      #expect(journal.all == ["a leads"])
      await first.triggerGracefulShutdown()
      try await eventually("b leads") { journal.all == ["a leads", "a stopped", "b leads"] }
      let lease = try await self.client(server).get(Lease.self, self.key)
      #expect(lease.spec?.holderIdentity == "b")
      #expect(lease.spec?.leaseTransitions == 1)
      await second.triggerGracefulShutdown()
      try await tasks.waitForAll()
    }
    let lease = try await self.client(server).get(Lease.self, self.key)
    #expect(lease.spec?.holderIdentity == "")
    #expect(journal.all == ["a leads", "a stopped", "b leads", "b stopped"])
  }

  @Test func whoIsCutOffStopsBeforeAnotherLeads() async throws {
    let server = try EmbeddedAPIServer.open(.init(storage: .memory))
    defer { server.close() }
    let line = BreakableTransport(server)
    let journal = Journal()
    // On a machine that is busy the first has the one to renew in, and the difference to stop in.
    let timing = LeaseTiming(lease: .seconds(20), renewDeadline: .seconds(10), retryPeriod: .milliseconds(50))
    let first = self.election(line, "a", timing)
    let second = self.election(server, "b", timing)
    try await withThrowingTaskGroup(of: Void.self) { tasks in
      tasks.addTask {
        await #expect(throws: LeaderElection<ContinuousClock>.Lost.self) {
          try await first.run {
            journal.note("a leads")
            defer { journal.note("a stopped") }
            try await Task.sleep(for: .seconds(600))
          }
        }
      }
      try await eventually("a leads") { journal.all == ["a leads"] }
      tasks.addTask {
        try await second.run { journal.note("b leads") }
      }
      line.refuse(true)
      try await tasks.waitForAll()
    }
    #expect(journal.all == ["a leads", "a stopped", "b leads"])
    #expect(!first.isLeading)
  }

  @Test func whoStandsByStopsAtOnceAndLeavesTheLeaseAlone() async throws {
    let server = try EmbeddedAPIServer.open(.init(storage: .memory))
    defer { server.close() }
    let held = Lease(
      metadata: ObjectMeta(name: self.key.name, namespace: self.key.namespace),
      spec: Lease.Spec(holderIdentity: "other", leaseDurationSeconds: 3_600))
    let before = try await self.client(server).create(held)
    let timing = LeaseTiming(lease: .seconds(600), renewDeadline: .seconds(300), retryPeriod: .milliseconds(20))
    let line = BreakableTransport(server)
    let journal = Journal()
    let contender = Contender(name: "a", election: self.election(line, "a", timing), journal: journal)
    let group = ServiceGroup(configuration: .init(services: [contender], logger: self.logger))
    try await withThrowingTaskGroup(of: Void.self) { tasks in
      tasks.addTask { try await group.run() }
      try await eventually("it has looked a few times") { line.requests.count > 3 }
      await group.triggerGracefulShutdown()
      try await tasks.waitForAll()
    }
    #expect(journal.all.isEmpty)
    #expect(try await self.client(server).get(Lease.self, self.key).spec == before.spec)
  }

  @Test func whatTheWorkThrowsIsPassedOnAndTheLeaseIsFree() async throws {
    struct Broken: Error {}
    let server = try EmbeddedAPIServer.open(.init(storage: .memory))
    defer { server.close() }
    // On a busy machine more time than a lease's may pass before the work throws; nothing is released then.
    let timing = LeaseTiming(lease: .seconds(600), renewDeadline: .seconds(300), retryPeriod: .milliseconds(20))
    let election = self.election(server, "a", timing)
    await #expect(throws: Broken.self) { try await election.run { throw Broken() } }
    #expect(try await self.client(server).get(Lease.self, self.key).spec?.holderIdentity == "")
  }

  @Test func anotherHolderEndsTheWork() async throws {
    let server = try EmbeddedAPIServer.open(.init(storage: .memory))
    defer { server.close() }
    let timing = LeaseTiming(lease: .seconds(600), renewDeadline: .seconds(300), retryPeriod: .milliseconds(20))
    let election = self.election(server, "a", timing)
    await #expect(throws: LeaderElection<ContinuousClock>.Lost.self) {
      try await election.run {
        try await self.client(server).update(Lease.self, self.key) { lease in
          var lease = lease
          lease.spec?.holderIdentity = "usurper"
          return lease
        }
        try await Task.sleep(for: .seconds(600))
      }
    }
    #expect(try await self.client(server).get(Lease.self, self.key).spec?.holderIdentity == "usurper")
  }

  @Test func aGuardedClientWritesOnlyWhileLeading() async throws {
    let server = try EmbeddedAPIServer.open(.init(storage: .memory))
    defer { server.close() }
    let timing = LeaseTiming(lease: .seconds(600), renewDeadline: .seconds(300), retryPeriod: .milliseconds(20))
    let election = self.election(server, "a", timing)
    let guarded = self.client(server).writing(onlyIf: { election.isLeading })
    @Sendable func map(_ name: String) -> ConfigMap {
      ConfigMap(metadata: ObjectMeta(name: name, namespace: "default"))
    }
    let error = await #expect(throws: APIError.self) { try await guarded.create(map("before")) }
    guard case .transport(let refusal) = error?.code, refusal.code == .refused else {
      Issue.record("not refused: \(String(describing: error))")
      return
    }
    #expect(try await guarded.find(ConfigMap.self, ObjectKey(namespace: "default", name: "before")) == nil)
    try await election.run { _ = try await guarded.create(map("during")) }
    await #expect(throws: APIError.self) { try await guarded.create(map("after")) }
    #expect(try await guarded.find(ConfigMap.self, ObjectKey(namespace: "default", name: "during")) != nil)
  }
}
