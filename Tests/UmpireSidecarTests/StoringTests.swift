import KubernetesClient
import KubernetesModel
import ServiceLifecycle
import TestSupport
import Testing
import UmpireModel

@testable import UmpireSidecar

/// How changes are stored when all does not go well.
@Suite(.timeLimit(.minutes(1)))
struct StoringTests {
  private let allow = SidecarFlag.deleteAllowed.change(to: true)
  private let forbid = SidecarFlag.deleteAllowed.change(to: false)

  private func code(_ sidecar: Sidecar, _ change: ServerChange) async -> SidecarError.Code? {
    do throws(SidecarError) {
      try await sidecar.store(change)
      return nil
    } catch {
      return error.code
    }
  }

  @Test func whatIsAskedWhileTheAPIServerIsAwayIsStoredOnceItIsBack() async throws {
    let api = OneServerAPI()
    try await withSidecar(api) { _, sidecar in
      api.setAway(true)
      try await withThrowingTaskGroup(of: Void.self) { group in
        for flag in SidecarFlag.allCases { group.addTask { try await sidecar.store(flag.change(to: true)) } }
        try await eventually("both wait") { sidecar.waitingChanges == 2 }
        #expect(sidecar.value(of: .deleteAllowed) == false)
        api.setAway(false)
        try await group.waitForAll()
      }
      #expect(Set(api.conditions.map { $0[0] + $0[1] }) == ["DeleteAllowedTrue", "ShutdownRequestedTrue"])
      #expect(sidecar.value(of: .deleteAllowed) == true)
    }
  }

  /// The permission that was given before an outage must not be stored once the next match has begun.
  @Test func aPermissionThatIsTakenBackInAnOutageIsNeverStored() async throws {
    let api = OneServerAPI()
    try await withSidecar(api) { _, sidecar in
      api.setAway(true)
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await sidecar.store(self.allow) }
        try await eventually("it waits") { sidecar.waitingChanges == 1 }
        group.addTask { try await sidecar.store(self.forbid) }
        try await eventually("both wait") { sidecar.waitingChanges == 2 }
        api.setAway(false)
        try await group.waitForAll()
      }
      #expect(api.conditions == [["DeleteAllowed", "False", "NotAllowedByGameServer"]])
      #expect(api.patches == 1)
    }
  }

  @Test func whatFailedIsNotStoredLater() async throws {
    let api = OneServerAPI()
    try await withSidecar(api, writeDeadline: .milliseconds(50)) { _, sidecar in
      api.setAway(true)
      let error = await #expect(throws: SidecarError.self) { try await sidecar.set(.deleteAllowed, to: true) }
      #expect(error?.code == .notStored)
      #expect(sidecar.waitingChanges == 0)
      api.setAway(false)
      try await sidecar.store(SidecarFlag.shutdownRequested.change(to: true))
      #expect(api.conditions.map { $0[0] } == ["ShutdownRequested"])
    }
  }

  @Test func whatTheAPIServerRefusesIsSaidAndHoldsUpNothing() async throws {
    let api = OneServerAPI()
    try await withSidecar(api) { _, sidecar in
      api.refusePatches(with: 403)
      #expect(await self.code(sidecar, self.allow) == .refused)
      api.refusePatches(with: nil)
      #expect(await self.code(sidecar, self.allow) == nil)
      api.refusePatches(with: 404)
      #expect(await self.code(sidecar, self.forbid) == .gone)
      // Nothing comes back from there.
      api.refusePatches(with: nil)
      #expect(await self.code(sidecar, self.forbid) == .gone)
      #expect(sidecar.value(of: .shutdownRequested) == true)
    }
  }

  @Test func aChangeThatIsRefusedOnEveryVersionIsGivenUp() async throws {
    let api = OneServerAPI()
    try await withSidecar(api) { _, sidecar in
      api.refusePatches(with: 422)
      #expect(await self.code(sidecar, self.allow) == .refused)
    }
  }

  /// Runs a sidecar that has read its Server, and shuts it down when `body` has come so far.
  private func stop(
    _ sidecar: Sidecar, after body: (inout ThrowingTaskGroup<Void, any Error>) async throws -> Void
  ) async throws {
    let group = ServiceGroup(
      configuration: .init(services: [.init(service: sidecar, successTerminationBehavior: .ignore)], logger: .silent))
    try await withThrowingTaskGroup(of: Void.self) { tasks in
      tasks.addTask { try await group.run() }
      try await eventually("the Server has been read") { sidecar.server != nil }
      try await body(&tasks)
      await group.triggerGracefulShutdown()
      try await tasks.waitForAll()
    }
  }

  @Test func aStopStoresWhatWaits() async throws {
    let api = OneServerAPI()
    let sidecar = Sidecar(source: .server(api.client, .arena), logger: .silent)
    try await self.stop(sidecar) { tasks in
      api.setAway(true)
      tasks.addTask { try await sidecar.store(self.allow) }
      tasks.addTask { try await sidecar.store(SidecarFlag.shutdownRequested.change(to: true)) }
      try await eventually("both wait") { sidecar.waitingChanges == 2 }
      api.setAway(false)
    }
    #expect(api.conditions.count == 2)
    #expect(await self.code(sidecar, self.forbid) == .stopping)
  }

  @Test func aStopDoesNotWaitForAnAPIServerThatIsAway() async throws {
    let api = OneServerAPI()
    let sidecar = Sidecar(source: .server(api.client, .arena), logger: .silent)
    try await self.stop(sidecar) { tasks in
      api.setAway(true)
      tasks.addTask { #expect(await self.code(sidecar, self.allow) == .stopping) }
      try await eventually("it waits") { sidecar.waitingChanges == 1 }
    }
    // The stream has ended.
    for await _ in sidecar.updates() {}
  }

  @Test func everyChangeOfTheServerIsToldAndTheStreamsEndWithTheSidecar() async throws {
    let api = OneServerAPI()
    let sidecar = Sidecar(source: .server(api.client, .arena), logger: .silent)
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await sidecar.run() }
      var updates = sidecar.updates().makeAsyncIterator()
      #expect(await updates.next()?.metadata.resourceVersion == "1")
      api.change { $0["status"] = ["nodeName": "n"] }
      #expect(await updates.next()?.status?.nodeName == "n")
      try await sidecar.store(self.allow)
      #expect(await updates.next()?.status?.conditions.isTrue("DeleteAllowed") == true)
      group.cancelAll()
      #expect(await updates.next() == nil)
    }
  }

  /// Has the controller notice a restart: what was true is set back.
  private func restart(_ api: OneServerAPI, _ restarts: Int64, endedAt end: Timestamp) {
    api.change { object in
      var status = object["status"] ?? [:]
      status["gameRestarts"] = .integer(restarts)
      status["gameEndTime"] = .string(end.description)
      status["conditions"] = .array(
        (status["conditions"]?.arrayValue ?? []).map { condition in
          condition.applying(
            mergePatch: ["status": "False", "reason": "GameRestarted", "observedRestarts": .integer(restarts)])
        })
      object["status"] = status
    }
  }

  @Test func aPermissionBelongsToTheGameThatGaveIt() async throws {
    let api = OneServerAPI()
    try await withSidecar(api) { _, sidecar in
      try await sidecar.store(self.allow)
      // The game that gave it is over, an hour from now.
      self.restart(api, 1, endedAt: Timestamp.now.advanced(by: .seconds(3600)))
      try await eventually("the flag is set back") { sidecar.value(of: .deleteAllowed) == false }
      #expect(api.conditions == [["DeleteAllowed", "False", "GameRestarted"]])
      // The one that was started since gives it, before its restart is noticed.
      try await sidecar.store(self.allow)
      self.restart(api, 2, endedAt: Timestamp.now.advanced(by: .seconds(-3600)))
      try await eventually("it counts") { api.conditions == [["DeleteAllowed", "True", "AllowedByGameServer"]] }
      try await eventually("and is known") { sidecar.value(of: .deleteAllowed) == true }
    }
  }
}
