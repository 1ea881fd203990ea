import KubernetesModel
import Testing
import UmpireModel

@testable import UmpireSidecar

struct ConditionPatchTests {
  private let now = Timestamp(secondsSinceEpoch: 1_700_000_000)

  private func server(_ conditions: [Condition]?) -> Server {
    var server = Server(
      metadata: ObjectMeta(name: "a", namespace: "n"), spec: ServerSpec(pod: PodSpec(containers: [])))
    server.metadata.resourceVersion = "7"
    server.metadata.generation = 2
    server.status = conditions.map { ServerStatus(conditions: $0) }
    return server
  }

  private let expected: JSONValue = [
    "type": "DeleteAllowed", "status": "True", "reason": "AllowedByGameServer", "message": "",
    "lastTransitionTime": "2023-11-14T22:13:20Z", "observedGeneration": 2,
  ]

  @Test func replacesItsOwnConditionAndNoOther() {
    let server = self.server([
      Condition(type: "Ready", status: .true), Condition(type: "DeleteAllowed", status: .false),
    ])
    #expect(
      ConditionPatch(.deleteAllowed, true, on: server, now: self.now)?.json == [
        ["op": "test", "path": "/status/conditions/1/type", "value": "DeleteAllowed"],
        ["op": "replace", "path": "/status/conditions/1", "value": self.expected],
      ])
  }

  @Test(arguments: [
    (true, true, "/status/conditions/-"), (true, false, "/status/conditions"), (false, false, "/status"),
  ])
  func addsAConditionToTheVersionThatItSaw(hasStatus: Bool, hasOthers: Bool, path: String) {
    let server = self.server(hasStatus ? (hasOthers ? [Condition(type: "Ready", status: .true)] : []) : nil)
    let value: JSONValue =
      !hasStatus ? ["conditions": [self.expected]] : hasOthers ? self.expected : [self.expected]
    #expect(
      ConditionPatch(.deleteAllowed, true, on: server, now: self.now)?.json == [
        ["op": "test", "path": "/metadata/resourceVersion", "value": "7"],
        ["op": "add", "path": .string(path), "value": value],
      ])
  }

  @Test func leavesAConditionThatSaysSoAlready() {
    let server = self.server([Condition(type: "ShutdownRequested", status: .true)])
    #expect(ConditionPatch(.shutdownRequested, true, on: server, now: self.now) == nil)
    #expect(ConditionPatch(.shutdownRequested, false, on: server, now: self.now) != nil)
    // One that is absent is written even when it is false, so that the condition tells what was said last.
    #expect(ConditionPatch(.deleteAllowed, false, on: server, now: self.now) != nil)
  }
}

struct SidecarStateTests {
  @Test func answersNothingBeforeItHasRead() {
    var state = SidecarState()
    #expect(state.answer(.deleteAllowed) == nil)
    var flags = SidecarFlags()
    flags[.deleteAllowed] = true
    state.observe(flags, isTerminating: false)
    #expect(state.answer(.deleteAllowed) == true)
    #expect(state.answer(.shutdownRequested) == false)
  }

  @Test func keepsItsOwnFlagsWhenAnOlderObjectComesBy() {
    var state = SidecarState.standalone
    state.wrote(.deleteAllowed, true)
    state.observe(SidecarFlags(), isTerminating: false)
    #expect(state.answer(.deleteAllowed) == true)
    // The conditions say otherwise, so the next setting is written again.
    #expect(state.needsWrite(.deleteAllowed, true))
  }

  @Test func writesOnlyWhatIsNew() {
    var state = SidecarState.standalone
    #expect(!state.needsWrite(.shutdownRequested, false))
    #expect(state.needsWrite(.shutdownRequested, true))
    state.wrote(.shutdownRequested, true)
    #expect(!state.needsWrite(.shutdownRequested, true))
  }

  @Test func aDeletionAsksForShutdownForGood() {
    var state = SidecarState.standalone
    state.observe(SidecarFlags(), isTerminating: true)
    state.wrote(.shutdownRequested, false)
    state.observe(SidecarFlags(), isTerminating: false)
    #expect(state.answer(.shutdownRequested) == true)
    #expect(state.answer(.deleteAllowed) == false)
  }
}
