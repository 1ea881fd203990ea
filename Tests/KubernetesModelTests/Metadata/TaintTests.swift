import KubernetesModel
import Testing

@Suite struct TaintTests {
  private let taint = Taint(key: "game", value: "arena", effect: "NoSchedule")

  @Test(
    arguments: [
      (["key": "game", "operator": "Exists"], true), (["operator": "Exists"], true),
      (["key": "game", "value": "arena"], true), (["key": "game", "operator": "Equal", "value": "arena"], true),
      (["key": "game", "value": "arena", "effect": "NoSchedule"], true),
      (["key": "game", "value": "arena", "effect": "NoExecute"], false), (["key": "game"], false),
      (["key": "game", "value": "duel"], false), (["key": "other", "operator": "Exists"], false),
      (["key": "game", "operator": "Exists", "effect": "NoExecute"], false), ([:], false), (["value": "arena"], false),
    ] as [(JSONValue, Bool)])
  func tolerationsAreMatchedAsAClusterDoes(toleration: JSONValue, isTolerated: Bool) {
    #expect(self.taint.isTolerated(by: toleration) == isTolerated)
  }

  @Test func aNodeAdmitsWhatToleratesItsTaints() {
    var pod = Pod(metadata: ObjectMeta(name: "a"), spec: PodSpec(containers: []))
    var node = Node(metadata: ObjectMeta(name: "n"))
    #expect(node.admits(pod))
    node.spec = Node.Spec(taints: [Taint(key: "slow", effect: "PreferNoSchedule")])
    #expect(node.admits(pod))
    node.spec = Node.Spec(taints: [self.taint])
    #expect(!node.admits(pod))
    pod.spec.fields["tolerations"] = [["key": "game", "operator": "Exists"]]
    #expect(node.admits(pod))
    node.spec?.unschedulable = true
    #expect(!node.admits(pod))
    pod.spec.fields["tolerations"] = [["operator": "Exists"]]
    #expect(node.admits(pod))
  }
}
