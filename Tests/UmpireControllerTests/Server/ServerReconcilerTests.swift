import ClusterTestSupport
import HTTPTransport
import KubernetesClient
import KubernetesModel
import KubernetesRuntime
import TestSupport
import Testing
import UmpireModel

@testable import UmpireController

@Suite struct ServerReconcilerTests {
  // MARK: Permission

  @Test func whoMayNotGoIsAskedAgainAtTheSamePeriodHoweverOften() async throws {
    let world = OutsideWorld()
    try await ReconcilerStage.run(outbound: world.transport) { stage in
      let server = try await stage.runningServer()
      try await stage.client.delete(Server.self, server.key)
      let reconciler = stage.serverReconciler()
      for _ in 0..<40 {
        try await stage.refresh()
        #expect(try await reconciler.reconcile(server.key, logger: .silent) == .requeue(after: .seconds(2)))
      }
      world.permitAll()
      try await stage.refresh()
      #expect(try await reconciler.reconcile(server.key, logger: .silent) == .done)
      #expect(try await stage.client.get(Pod.self, server.podKey).metadata.isBeingDeleted)
    }
  }

  @Test func aSidecarThatDoesNotAnswerIsAskedAgainAtTheSamePeriod() async throws {
    let dead = ScriptedTransport { _, _ in .failure(TransportError(.timeout, "late", progress: .nothingSent)) }
    try await ReconcilerStage.run(outbound: dead) { stage in
      let server = try await stage.runningServer()
      try await stage.client.delete(Server.self, server.key)
      let reconciler = stage.serverReconciler()
      for _ in 0..<5 {
        try await stage.refresh()
        #expect(try await reconciler.reconcile(server.key, logger: .silent) == .requeue(after: .seconds(2)))
      }
      #expect(try await !stage.client.get(Pod.self, server.podKey).metadata.isBeingDeleted)
    }
  }

  @Test(arguments: [OpsState.none, .allocated, .maintaining, .waitToBeDeleted])
  func whoeverDeletesAServerByHandEndsNoMatch(state: OpsState) async throws {
    try await ReconcilerStage.run { stage in
      let server = try await stage.runningServer { $0.spec.opsState = state }
      try await stage.client.delete(Server.self, server.key)
      try await stage.refresh()
      #expect(
        try await stage.serverReconciler().reconcile(server.key, logger: .silent) == .requeue(after: .seconds(2)))
      #expect(try await !stage.client.get(Pod.self, server.podKey).metadata.isBeingDeleted)
      #expect(try await stage.client.get(Server.self, server.key).metadata.finalizers == [Finalizers.deletionGate])
    }
  }

  // MARK: The end

  @Test func aServerWhosePodIsGoneGoesThoughItsWriteIsRefusedOnce() async throws {
    try await ReconcilerStage.run { stage in
      let server = try await stage.runningServer()
      try await stage.client.delete(Pod.self, server.podKey, options: DeleteOptions(gracePeriodSeconds: 0))
      try await stage.client.delete(Server.self, server.key)
      try await stage.refresh()
      // Somebody writes between our look and our write.
      let other: JSONValue = ["metadata": ["annotations": ["note": "seen"]]]
      let _: Server = try await stage.client.patch(Server.self, server.key, other)
      let reconciler = stage.serverReconciler()
      let error = await #expect(throws: APIError.self) {
        try await reconciler.reconcile(server.key, logger: .silent)
      }
      #expect(error?.isConflict == true)
      try await stage.refresh()
      #expect(try await reconciler.reconcile(server.key, logger: .silent) == .done)
      #expect(try await stage.client.find(Server.self, server.key) == nil)
    }
  }

  @Test func aServerStaysUntilItsPodIsGoneWhateverTheStoreShows() async throws {
    try await ReconcilerStage.run { stage in
      let server = try await stage.runningServer { $0.spec.allowForceDelete = true }
      try await stage.client.delete(Server.self, server.key)
      try await stage.refresh()
      let reconciler = stage.serverReconciler()
      #expect(try await reconciler.reconcile(server.key, logger: .silent) == .done)
      let pod = try await stage.client.get(Pod.self, server.podKey)
      #expect(pod.metadata.isBeingDeleted)
      // It is ending, and then the store has lost it though it still ends.
      try await stage.refresh()
      #expect(try await reconciler.reconcile(server.key, logger: .silent) == .done)
      try await stage.refresh()
      stage.state.pods.remove(server.podKey)
      #expect(try await reconciler.reconcile(server.key, logger: .silent) == .requeue(after: .milliseconds(200)))
      #expect(try await stage.client.find(Server.self, server.key) != nil)
      try await StandInPod.remove(pod, stage.client)
      #expect(try await reconciler.reconcile(server.key, logger: .silent) == .done)
      #expect(try await stage.client.find(Server.self, server.key) == nil)
    }
  }

  // MARK: Beginnings

  private func refused(_ code: Int, _ reason: String, _ message: String) -> @Sendable (String, String) -> Status? {
    { method, path in
      method == "POST" && path.hasPrefix(ReconcilerStage.pods)
        ? Status(code: code, reason: reason, message: message) : nil
    }
  }

  @Test(arguments: [(403, "Forbidden", "exceeded quota: games"), (422, "Invalid", "Pod is invalid: spec.volumes")])
  func whyAPodIsRefusedStandsInTheStatus(code: Int, reason: String, message: String) async throws {
    try await ReconcilerStage.run(refusing: self.refused(code, reason, message)) { stage in
      var server = Server(metadata: ObjectMeta(name: "duel", namespace: "default"), spec: Fixtures.serverSpec())
      server.metadata.finalizers = [Finalizers.deletionGate]
      _ = try await stage.client.create(server)
      let reconciler = stage.serverReconciler()
      var versions: Set<String?> = []
      for _ in 0..<3 {
        try await stage.refresh()
        await #expect(throws: APIError.self) { try await reconciler.reconcile(server.key, logger: .silent) }
        versions.insert(try await stage.client.get(Server.self, server.key).metadata.resourceVersion)
      }
      // Said once.
      #expect(versions.count == 1)
      let status = try #require(try await stage.client.get(Server.self, server.key).status)
      let ready = status.conditions[type: ConditionTypes.ready]
      #expect(status.state == .starting && status.podName == nil && ready?.status == .false)
      #expect(ready?.reason == "PodRefused" && ready?.message == message)
    }
  }

  @Test func aPodOfAnotherIsLeftAloneAndNamed() async throws {
    try await ReconcilerStage.run { stage in
      var server = Server(metadata: ObjectMeta(name: "duel", namespace: "default"), spec: Fixtures.serverSpec())
      server.metadata.finalizers = [Finalizers.deletionGate]
      _ = try await stage.client.create(server)
      let metadata = ObjectMeta(name: server.podName, namespace: "default")
      let other = try await stage.client.create(Pod(metadata: metadata, spec: Fixtures.serverSpec().pod))
      try await stage.refresh()
      #expect(try await stage.serverReconciler().reconcile(server.key, logger: .silent) == .failed(minimum: nil))
      #expect(try await stage.client.get(Pod.self, other.key).metadata.uid == other.metadata.uid)
      let ready = try await stage.client.get(Server.self, server.key).status?.conditions[type: ConditionTypes.ready]
      #expect(ready?.reason == "PodNameTaken" && ready?.status == .false)
    }
  }
}
