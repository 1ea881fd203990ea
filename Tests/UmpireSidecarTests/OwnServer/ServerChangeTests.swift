import KubernetesModel
import Testing
import UmpireModel

@testable import UmpireSidecar

@Suite struct ServerChangeTests {
  private let now = Timestamp(secondsSinceEpoch: 1_700_000_000)
  private let server = Server.standalone(environment: ["SERVER_NAME": "arena-1", "POD_NAMESPACE": "games"])

  @Test func eachIsMadeOnceAndLeavesTheRest() {
    let changes: [ServerChange] = [
      .label(key: "umpire.dev/sdk-a", value: "1"), .annotation(key: "umpire.dev/sdk-b", value: "2"),
      .condition(type: "warm", isTrue: false, reason: "Said"), SidecarFlag.deleteAllowed.change(to: true),
    ]
    var changed = self.server
    for change in changes {
      #expect(!change.isMade(on: changed))
      changed = change.made(on: changed, now: self.now)
    }
    for change in changes { #expect(change.isMade(on: changed)) }
    #expect(changed.metadata.labels == ["umpire.dev/sdk-a": "1"])
    #expect(changed.metadata.annotations == ["umpire.dev/sdk-b": "2"])
    #expect(changed.status?.conditions.map(\.type) == ["warm", "DeleteAllowed"])
    #expect(changed.status?.conditions.last?.reason == "AllowedByGameServer")
    #expect(changed.status?.conditions.last?.lastTransitionTime == self.now)
    #expect(changed.status?.state == .ready)
    let back = SidecarFlag.deleteAllowed.change(to: false).made(on: changed, now: self.now)
    #expect(back.status?.conditions.count == 2)
    #expect(back.status?.conditions.isTrue("DeleteAllowed") == false)
  }

  @Test func theSubjectIsWhatIsChangedAndNotToWhat() {
    #expect(SidecarFlag.deleteAllowed.change(to: true).subject == SidecarFlag.deleteAllowed.change(to: false).subject)
    #expect(ServerChange.label(key: "a", value: "").subject != ServerChange.annotation(key: "a", value: "").subject)
  }

  @Test func aStandaloneServerIsNamedByTheEnvironment() {
    #expect(self.server.metadata.name == "arena-1")
    #expect(self.server.metadata.namespace == "games")
    let plain = Server.standalone(environment: ["SERVER_NAME": ""])
    #expect(plain.metadata.name == "standalone")
    #expect(plain.metadata.uid != self.server.metadata.uid)
  }
}
