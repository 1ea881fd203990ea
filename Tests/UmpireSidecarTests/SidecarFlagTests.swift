import KubernetesModel
import Testing
import UmpireModel
import WebhookProbing

@testable import UmpireSidecar

struct SidecarFlagTests {
  private let now = Timestamp(secondsSinceEpoch: 1_700_000_000)

  private func server(_ conditions: [Condition]) -> Server {
    var server = Server(
      metadata: ObjectMeta(name: "a", namespace: "n"), spec: ServerSpec(pod: PodSpec(containers: [])))
    server.metadata.resourceVersion = "7"
    server.metadata.generation = 2
    server.status = ServerStatus(conditions: conditions)
    return server
  }

  @Test func aFlagIsOneConditionOfThisGeneration() {
    #expect(
      SidecarFlag.deleteAllowed.patch(of: self.server([]), to: true, now: self.now)?.json == [
        ["op": "test", "path": "/metadata/resourceVersion", "value": "7"],
        [
          "op": "add", "path": "/status/conditions",
          "value": [
            [
              "type": "DeleteAllowed", "status": "True", "reason": "AllowedByGameServer", "message": "",
              "lastTransitionTime": "2023-11-14T22:13:20Z", "observedGeneration": 2,
            ]
          ],
        ],
      ])
  }

  @Test func leavesAConditionThatSaysSoAlready() {
    let server = self.server([Condition(type: "ShutdownRequested", status: .true)])
    #expect(SidecarFlag.shutdownRequested.patch(of: server, to: true, now: self.now) == nil)
    #expect(SidecarFlag.shutdownRequested.patch(of: server, to: false, now: self.now) != nil)
    // One that is absent is written even when it is false, so that the condition tells what was said last.
    #expect(SidecarFlag.deleteAllowed.patch(of: server, to: false, now: self.now) != nil)
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
