import KubernetesModel
import Testing
import UmpireModel

@testable import UmpireController

struct EvictionGuardTests {
  private func value(_ server: Server, _ pod: Pod) -> String? {
    EvictionGuard.patch(for: server, pod: pod, now: Fixtures.now)?["metadata"]?["annotations"]?[
      Annotations.safeToEvict]?.stringValue
  }

  private func pod(of server: Server, phase: PodStatus.Phase = .running, says value: String? = "false") -> Pod {
    var pod = Fixtures.pod(of: server, phase: phase)
    pod.metadata.annotations = value.map { [Annotations.safeToEvict: $0] }
    if value == "false" { pod.metadata.labels = [Labels.protected: "true"] }
    return pod
  }

  private func server(allowed: Bool) -> Server {
    var server = Fixtures.server("a")
    server.status?.conditions = [Condition(type: ConditionTypes.deleteAllowed, status: Condition.Truth(allowed))]
    return server
  }

  @Test func aNewPodIsProtectedUnlessItsServerNeverIs() {
    var server = Fixtures.server("a")
    let held = PodTemplate.pod(for: server, sidecar: SidecarDefaults(image: "x")).metadata
    #expect(held.annotation(Annotations.safeToEvict) == "false" && held.label(Labels.protected) == "true")
    server.spec.allowForceDelete = true
    let free = PodTemplate.pod(for: server, sidecar: SidecarDefaults(image: "x")).metadata
    #expect(free.annotation(Annotations.safeToEvict) == "true" && free.label(Labels.protected) == nil)
  }

  @Test func itFollowsWhatTheGatesSay() {
    let (free, held) = (self.server(allowed: true), self.server(allowed: false))
    #expect(self.value(free, self.pod(of: free)) == "true")
    #expect(self.value(free, self.pod(of: free, says: "true")) == nil)
    #expect(self.value(held, self.pod(of: held)) == nil)
    #expect(self.value(held, self.pod(of: held, says: "true")) == "false")
    // The label follows, and is put back if somebody takes it away.
    let label = { EvictionGuard.patch(for: $0, pod: $1, now: Fixtures.now)?["metadata"]?["labels"]?[Labels.protected] }
    #expect(label(free, self.pod(of: free)) == .null)
    #expect(label(held, self.pod(of: held, says: "true")) == "true")
    var bare = self.pod(of: held)
    bare.metadata.labels = nil
    #expect(label(held, bare) == "true")
    // Somebody took the annotation away.
    #expect(self.value(held, self.pod(of: held, says: nil)) == "false")
  }

  @Test func forceAndKillOpenIt() {
    var server = self.server(allowed: false)
    server.spec.opsState = .kill
    #expect(self.value(server, self.pod(of: server)) == "true")
  }

  @Test func nothingIsWrittenWhereItDoesNotMatter() {
    var server = self.server(allowed: true)
    for phase in [PodStatus.Phase.pending, .failed, .succeeded] {
      #expect(self.value(server, self.pod(of: server, phase: phase)) == nil)
    }
    server.metadata.deletionTimestamp = Fixtures.now
    #expect(self.value(server, self.pod(of: server)) == nil)
  }
}
