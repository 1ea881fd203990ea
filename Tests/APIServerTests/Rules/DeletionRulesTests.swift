import KubernetesModel
import Testing

@testable import APIServer

struct DeletionRulesTests {
  private let now = Timestamp(secondsSinceEpoch: 1_767_225_600)

  private func rules(_ resource: String) throws -> DeletionRules {
    let served = try #require(ResourceRegistry().snapshot.resource(storeResource: resource))
    return DeletionRules(resource: served, now: self.now)
  }

  private func pod(node: String? = "n", phase: String = "Running", finalizers: [String] = []) -> APIObject {
    var pod = APIObject([
      "apiVersion": "v1", "kind": "Pod", "metadata": ["name": "p", "generation": 1],
      "spec": ["terminationGracePeriodSeconds": 20], "status": ["phase": .string(phase)],
    ])
    pod.json["spec"]?["nodeName"] = node.map(JSONValue.string)
    pod.finalizers = finalizers
    return pod
  }

  @Test func aRunningPodGetsItsGracePeriodAndGoesWhenItsNodeSaysSo() throws {
    let rules = try self.rules("pods")
    guard case .mark(let marked) = rules.decide(self.pod(), DeleteOptions()) else {
      Issue.record("it must stay")
      return
    }
    #expect(marked.deletionGracePeriodSeconds == 20)
    #expect(marked.deletionTimestamp == "2026-01-01T00:00:20Z")
    #expect(marked.generation == 2)
    #expect(rules.decide(marked, DeleteOptions()) == .unchanged)
    #expect(rules.decide(marked, DeleteOptions(gracePeriodSeconds: 30)) == .unchanged)
    guard case .mark(let sooner) = rules.decide(marked, DeleteOptions(gracePeriodSeconds: 5)) else {
      Issue.record("it must stay")
      return
    }
    #expect(sooner.deletionGracePeriodSeconds == 5)
    #expect(rules.decide(sooner, .immediate) == .remove)
  }

  @Test func aPodThatRunsNowhereGoesAtOnce() throws {
    let rules = try self.rules("pods")
    #expect(rules.decide(self.pod(node: nil), DeleteOptions()) == .remove)
    #expect(rules.decide(self.pod(phase: "Succeeded"), DeleteOptions()) == .remove)
    #expect(rules.decide(self.pod(), .immediate) == .remove)
  }

  @Test func finalizersHoldAnObject() throws {
    let rules = try self.rules("pods")
    guard case .mark(var marked) = rules.decide(self.pod(finalizers: ["a/b"]), .immediate) else {
      Issue.record("it must stay")
      return
    }
    #expect(!rules.goesAfterUpdate(marked))
    marked.finalizers = []
    #expect(rules.goesAfterUpdate(marked))
  }

  @Test func propagationSetsItsFinalizer() throws {
    let rules = try self.rules("configmaps")
    let map = APIObject(["metadata": ["name": "c"]])
    var options = DeleteOptions()
    options.propagation = .foreground
    guard case .mark(let waiting) = rules.decide(map, options) else {
      Issue.record("it must stay")
      return
    }
    #expect(waiting.finalizers == ["foregroundDeletion"])
    options.propagation = .background
    #expect(rules.decide(waiting, options) == .remove)
    #expect(rules.decide(map, options) == .remove)
  }

  @Test func aNamespaceWaitsForItsContents() throws {
    let rules = try self.rules("namespaces")
    let namespace = APIObject(["metadata": ["name": "n"], "spec": ["finalizers": ["kubernetes"]]])
    guard case .mark(let marked) = rules.decide(namespace, DeleteOptions()) else {
      Issue.record("it must stay")
      return
    }
    #expect(marked[path: "status.phase"] == "Terminating")
  }
}
