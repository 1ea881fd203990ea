import ClusterTestSupport
import KubernetesClient
import KubernetesModel
import Testing
import UmpireModel

@testable import WebhookProbing

@Suite struct ConditionPatchTests {
  private let now = Timestamp(secondsSinceEpoch: 1_700_000_000)
  private let earlier = Timestamp(secondsSinceEpoch: 1_600_000_000)

  private func server(_ conditions: [Condition]?) -> Server {
    var server = Server(
      metadata: ObjectMeta(name: "a", namespace: "n"), spec: ServerSpec(pod: PodSpec(containers: [])))
    server.metadata.uid = "u-1"
    server.metadata.resourceVersion = "7"
    server.status = conditions.map { ServerStatus(conditions: $0) }
    return server
  }

  private let warm = Condition(type: "warm", status: .true, reason: "Allowed", message: "yes", observedGeneration: 2)

  private func json(_ condition: Condition, since: Timestamp) -> JSONValue {
    [
      "type": .string(condition.type), "status": .string(condition.status.rawValue), "reason": "Allowed",
      "message": "yes", "lastTransitionTime": .string(since.description), "observedGeneration": 2,
    ]
  }

  @Test func replacesItsOwnConditionAndNoOther() {
    let server = self.server([Condition(type: "Ready", status: .true), Condition(type: "warm", status: .false)])
    #expect(
      ConditionPatch([self.warm], on: server, now: self.now)?.json == [
        ["op": "test", "path": "/metadata/uid", "value": "u-1"],
        ["op": "test", "path": "/status/conditions/1/type", "value": "warm"],
        ["op": "test", "path": "/status/conditions/1/status", "value": "False"],
        ["op": "replace", "path": "/status/conditions/1", "value": self.json(self.warm, since: self.now)],
      ])
  }

  @Test func keepsTheTimeOfTheTransitionWhileTheStatusStays() {
    let old = Condition(type: "warm", status: .true, reason: "Timeout", lastTransitionTime: self.earlier)
    let patch = ConditionPatch([self.warm], on: self.server([old]), now: self.now)
    #expect(patch?.json.arrayValue?.last?["value"] == self.json(self.warm, since: self.earlier))
  }

  @Test(arguments: [
    (true, true, "/status/conditions/-"), (true, false, "/status/conditions"), (false, false, "/status"),
  ])
  func addsAConditionToTheVersionThatItSaw(hasStatus: Bool, hasOthers: Bool, path: String) {
    let server = self.server(hasStatus ? (hasOthers ? [Condition(type: "Ready", status: .true)] : []) : nil)
    let added = self.json(self.warm, since: self.now)
    let value: JSONValue = !hasStatus ? ["conditions": [added]] : hasOthers ? added : [added]
    #expect(
      ConditionPatch([self.warm], on: server, now: self.now)?.json == [
        ["op": "test", "path": "/metadata/uid", "value": "u-1"],
        ["op": "test", "path": "/metadata/resourceVersion", "value": "7"],
        ["op": "add", "path": .string(path), "value": value],
      ])
  }

  @Test func whatStandsAlreadyIsNotWritten() {
    var standing = self.warm
    standing.lastTransitionTime = self.earlier
    #expect(ConditionPatch([self.warm], on: self.server([standing]), now: self.now) == nil)
    #expect(ConditionPatch([], on: self.server(nil), now: self.now) == nil)
    var asked = self.warm
    asked.lastProbeTime = self.now
    #expect(ConditionPatch([asked], on: self.server([standing]), now: self.now) != nil)
  }

  // The writer

  private let key = ObjectKey(namespace: "default", name: "arena-1")

  private func withServer(_ body: (APIClient, Server) async throws -> Void) async throws {
    try await withCluster { cluster in
      let server = try await cluster.client.create(
        Server(
          metadata: ObjectMeta(name: "arena-1", namespace: "default"),
          spec: ServerSpec(pod: PodSpec(containers: [Container(name: "game", image: "game:1")]))))
      try await body(cluster.client, server)
    }
  }

  /// C6: a copy that is old does not bring back what others have changed since.
  @Test func anOldCopyErasesNothing() async throws {
    try await self.withServer { client, old in
      let writer = APIConditionWriter(client: client)
      _ = try await writer.write([Condition(type: "warm", status: .false, reason: "Denied")], to: old)
      _ = try await writer.write([Condition(type: "empty", status: .true, reason: "Allowed")], to: old)
      let server = try await writer.write([self.warm], to: old)
      #expect(server?.status?.conditions.map(\.type) == ["warm", "empty"])
      #expect(server?.status?.conditions.allSatisfy { $0.status == .true } == true)
      #expect(try await client.get(Server.self, self.key) == server)
    }
  }

  /// C6 again: twenty at once, and every one is there.
  @Test func writersAtOnceLoseNothing() async throws {
    try await self.withServer { client, old in
      let writer = APIConditionWriter(client: client)
      try await withThrowingTaskGroup(of: Void.self) { group in
        for number in 0..<20 {
          group.addTask {
            let condition = Condition(type: "gate-\(number)", status: .true, reason: "Allowed")
            while true {
              do {
                _ = try await writer.write([condition], to: old)
                return
              } catch let error as APIError where error.isInvalid || error.isConflict {
                continue
              }
            }
          }
        }
        try await group.waitForAll()
      }
      let conditions = try await client.get(Server.self, self.key).status?.conditions ?? []
      #expect(Set(conditions.map(\.type)) == Set((0..<20).map { "gate-\($0)" }))
      #expect(conditions.count == 20)
    }
  }

  /// An answer about one Server never becomes a condition of another of the same name.
  @Test func aServerMadeAnewGetsNothing() async throws {
    try await self.withServer { client, old in
      let writer = APIConditionWriter(client: client)
      try await client.delete(Server.self, self.key)
      #expect(try await writer.write([self.warm], to: old) == nil)
      let new = try await client.create(
        Server(metadata: ObjectMeta(name: "arena-1", namespace: "default"), spec: old.spec))
      #expect(try await writer.write([self.warm], to: old) == nil)
      #expect(try await client.get(Server.self, self.key).status == new.status)
    }
  }
}
