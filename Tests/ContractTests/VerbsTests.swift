import ClusterTestSupport
import FoundationEssentials
import KubernetesClient
import KubernetesModel
import TestSupport
import Testing
import UmpireModel

/// Every kind that we use, by every verb.
@Suite struct VerbsTests {
  private func exercise<Resource: KubernetesResource>(
    _ object: Resource, _ client: APIClient
  ) async throws {
    let created = try await client.create(object)
    let key = created.key
    #expect(created.metadata.uid != nil)
    #expect(try await client.get(Resource.self, key).metadata.uid == created.metadata.uid)
    let listed = try await client.list(Resource.self, namespace: key.namespace)
    #expect(listed.items.contains { $0.metadata.uid == created.metadata.uid })
    let patched: Resource = try await client.patch(Resource.self, key, ["metadata": ["labels": ["team": "red"]]])
    #expect(patched.metadata.label("team") == "red")
    let selected = try await client.list(
      Resource.self, namespace: key.namespace, options: ListOptions(labelSelector: "team in (red, blue)"))
    #expect(selected.items.map(\.metadata.uid) == [created.metadata.uid])
    let json: JSONValue = [["op": "replace", "path": "/metadata/labels/team", "value": "blue"]]
    let again: Resource = try await client.patch(Resource.self, key, kind: .json, json)
    #expect(again.metadata.label("team") == "blue")
    // A write of an old version is a conflict.
    let conflict = await #expect(throws: APIError.self) { _ = try await client.replace(patched) }
    #expect(conflict?.isConflict == true)
    let duplicate = await #expect(throws: APIError.self) { _ = try await client.create(object) }
    #expect(duplicate?.isAlreadyExists == true)
    // A finalizer holds the object until it is removed.
    let held: Resource = try await client.patch(Resource.self, key, ["metadata": ["finalizers": ["test.dev/hold"]]])
    #expect(held.metadata.hasFinalizer("test.dev/hold"))
    try await client.delete(Resource.self, key, options: DeleteOptions(gracePeriodSeconds: 0))
    #expect(try await client.get(Resource.self, key).metadata.isBeingDeleted)
    do {
      let _: Resource = try await client.patch(Resource.self, key, ["metadata": ["finalizers": nil]])
    } catch let error as APIError where error.isNotFound {
      // The answer to the patch that let it go may be the object or its absence.
    }
    try await eventually("\(Resource.resourceType.kind) is gone") { try await client.find(Resource.self, key) == nil }
  }

  @Test(arguments: ContractBackend.available)
  func everyKindAndEveryVerb(on backend: ContractBackend) async throws {
    try await backend.run { cluster in
      let client = cluster.client
      let meta = ObjectMeta(name: "one", namespace: cluster.namespace)
      let pod = PodSpec(containers: [Container(name: "game", image: "game:1")])
      let fleet = FleetSpec(spec: ServerSpec(pod: pod))
      try await self.exercise(Server(metadata: meta, spec: ServerSpec(pod: pod)), client)
      try await self.exercise(Fleet(metadata: meta, spec: fleet), client)
      try await self.exercise(GameType(metadata: meta, spec: GameTypeSpec(fleetSpec: fleet)), client)
      let endpoint = ScalingEndpoint(url: "http://studio.test/scale")
      try await self.exercise(
        GameAutoscaler(
          metadata: meta, spec: GameAutoscalerSpec(gameName: "one", policy: .init(webhook: endpoint))), client)
      let webhook = Webhook(name: "ready", type: .readiness, clientConfig: .init(url: "http://studio.test/ready"))
      try await self.exercise(WebhookConfiguration(metadata: meta, webhooks: [webhook]), client)
      try await self.exercise(Pod(metadata: meta, spec: pod), client)
      try await self.exercise(ConfigMap(metadata: meta, data: ["a": "b"]), client)
      try await self.exercise(Secret(metadata: meta, data: ["a": "Yg=="]), client)
      try await self.exercise(
        Service(metadata: meta, spec: .init(selector: ["a": "b"], ports: [.init(port: 80)])), client)
      try await self.exercise(Lease(metadata: meta, spec: .init(holderIdentity: "me")), client)
      try await self.exercise(Node(metadata: ObjectMeta(name: "node-of-\(cluster.namespace)")), client)
      var event = Event(
        metadata: meta, involvedObject: ObjectReference(kind: "Pod", name: "x", namespace: cluster.namespace))
      event.reason = "Test"
      try await self.exercise(event, client)
    }
  }

  @Test(arguments: ContractBackend.available)
  func statusAndScaleAreApart(on backend: ContractBackend) async throws {
    try await backend.run { cluster in
      let client = cluster.client
      let pod = PodSpec(containers: [Container(name: "game", image: "game:1")])
      let fleet = try await client.create(
        Fleet(
          metadata: ObjectMeta(name: "one", namespace: cluster.namespace), spec: FleetSpec(spec: ServerSpec(pod: pod))))
      #expect(fleet.spec.scaling.replicas == 1)
      try await client.scale(Fleet.self, fleet.key, replicas: 7)
      let scaled = try await client.get(Fleet.self, fleet.key)
      #expect(scaled.spec.scaling.replicas == 7)
      #expect(scaled.metadata.generation == 2)
      let status: Fleet = try await client.patch(
        Fleet.self, fleet.key, subresource: .status,
        ["status": ["replicas": 3], "spec": ["scaling": ["replicas": 99]]])
      #expect(status.status?.replicas == 3)
      #expect(status.spec.scaling.replicas == 7)
      #expect(status.metadata.generation == 2)
      let refused = await #expect(throws: APIError.self) {
        let _: Fleet = try await client.patch(Fleet.self, fleet.key, ["spec": ["scaling": ["agePriority": "random"]]])
      }
      #expect(refused?.isInvalid == true)
      #expect(refused?.status?.details?.causes?.first?.field == "spec.scaling.agePriority")
    }
  }

  @Test(arguments: ContractBackend.available)
  func aWatchTellsEveryChangeInOrder(on backend: ContractBackend) async throws {
    try await backend.run { cluster in
      let client = cluster.client
      let version = try await client.list(ConfigMap.self, namespace: cluster.namespace).metadata.resourceVersion
      let seen = try await client.withWatch(
        ConfigMap.self, namespace: cluster.namespace, options: ListOptions(resourceVersion: version), timeoutSeconds: 60
      ) { (events: WatchEvents<ConfigMap>) in
        var map = ConfigMap(metadata: ObjectMeta(name: "one", namespace: cluster.namespace), data: ["n": "0"])
        map = try await client.create(map)
        for number in 1...3 {
          let _: ConfigMap = try await client.patch(ConfigMap.self, map.key, ["data": ["n": .string("\(number)")]])
        }
        try await client.delete(ConfigMap.self, map.key)
        var seen: [String] = []
        for try await event in events {
          switch event {
          case .added(let map): seen.append("added \(map.data?["n"] ?? "")")
          case .modified(let map): seen.append("modified \(map.data?["n"] ?? "")")
          case .deleted(let map):
            seen.append("deleted \(map.data?["n"] ?? "")")
            return seen
          case .unreadable, .bookmark: continue
          case .error(let status): throw APIError(status)
          }
        }
        return seen
      }
      #expect(seen == ["added 0", "modified 1", "modified 2", "modified 3", "deleted 3"])
    }
  }
}
