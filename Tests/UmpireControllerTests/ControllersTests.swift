import ClusterTestSupport
import Cryptography
import FoundationEssentials
import HTTPTransport
import HTTPTypes
import KubernetesClient
import KubernetesModel
import Logging
import Metrics
import Synchronization
import TestSupport
import Testing
import UmpireModel
import WebhookClient

@testable import UmpireController

@Suite struct ControllersTests {
  private let key = ObjectKey(namespace: "default", name: "arena")

  private func readyServers(_ client: APIClient, _ count: Int) async throws -> [Server] {
    try await eventually("\(count) Servers are ready") {
      let servers = try await client.arenaServers()
      let ready = servers.filter { $0.status?.state == .ready && !$0.metadata.isBeingDeleted }
      let status = try await client.get(GameType.self, self.key).status
      return servers.count == count && ready.count == count && status?.readyReplicas == Int64(count) ? servers : nil
    }
  }

  @Test func aGameTypeBecomesReadyServers() async throws {
    try await withControllers { client, _ in
      _ = try await client.create(Fixtures.arena(replicas: 3))
      let servers = try await self.readyServers(client, 3)
      let fleets = try await client.list(Fleet.self, namespace: "default").items
      #expect(fleets.count == 1)
      for server in servers {
        #expect(server.metadata.label(Labels.gameType) == "arena")
        #expect(server.metadata.label(Labels.fleet) == fleets.first?.metadata.name)
        #expect(fleets.first?.controls(server) == true)
        let pod = try await client.get(Pod.self, ObjectKey(namespace: "default", name: server.podName))
        #expect(server.controls(pod))
        #expect(pod.spec.initContainers.first?.name == "umpire-sidecar")
      }
      let gameType = try await eventually("the update is complete") {
        let gameType = try await client.get(GameType.self, self.key)
        return gameType.status?.conditions[type: "Progressing"]?.reason == "UpdateComplete" ? gameType : nil
      }
      #expect(gameType.status?.conditions.isTrue("Available") == true)
      #expect(gameType.status?.selector == "umpire.dev/game-type=arena")
    }
  }

  @Test func aServerGoesOnlyWithPermission() async throws {
    try await withControllers { client, world in
      _ = try await client.create(Fixtures.arena(replicas: 3))
      _ = try await self.readyServers(client, 3)
      try await client.scale(GameType.self, self.key, replicas: 1)
      let going = try await eventually("two Servers are told") {
        let going = try await client.arenaServers().filter(\.metadata.isBeingDeleted)
        return going.count == 2 && world.shutdowns.count == 2 ? going : nil
      }
      // Neither has permitted: both Pods run on.
      for server in going {
        let pod = try await client.get(Pod.self, ObjectKey(namespace: "default", name: server.podName))
        #expect(!pod.metadata.isBeingDeleted)
      }
      world.permit(try #require(going[0].status?.address))
      try await eventually("the one that permits is gone") {
        try await client.find(Server.self, going[0].key) == nil
      }
      let held = try await client.get(Server.self, going[1].key)
      #expect(held.status?.state == .draining)
      #expect(held.status?.conditions[type: "Deletable"]?.status == .false)
      // The other's permission comes as a condition, as a sidecar of ours writes it.
      let condition: JSONValue = [
        "status": [
          "conditions": [
            [
              "type": "DeleteAllowed", "status": "True", "lastTransitionTime": "2026-01-01T00:00:00Z", "reason": "Test",
              "message": "",
            ]
          ]
        ]
      ]
      let _: Server = try await client.patch(Server.self, held.key, subresource: .status, condition)
      _ = try await self.readyServers(client, 1)
    }
  }

  @Test func theClusterAutoscalerIsToldWhoMayGo() async throws {
    try await withControllers { client, _ in
      _ = try await client.create(Fixtures.arena(replicas: 1))
      let server = try await self.readyServers(client, 1)[0]
      let key = ObjectKey(namespace: "default", name: server.podName)
      let safe = { try await client.get(Pod.self, key).metadata.annotation(Annotations.safeToEvict) }
      #expect(try await safe() == "false")
      for (status, value) in [("True", "true"), ("False", "false")] {
        let condition: JSONValue = [
          "type": "DeleteAllowed", "status": .string(status), "lastTransitionTime": "2026-01-01T00:00:00Z",
          "reason": "Test", "message": "",
        ]
        let known = try await client.get(Server.self, server.key).status?.conditions ?? []
        let others = try known.filter { $0.type != "DeleteAllowed" }.map { try JSONValue(encoding: $0) }
        let _: Server = try await client.patch(
          Server.self, server.key, subresource: .status, ["status": ["conditions": .array(others + [condition])]])
        try await eventually("the Pod says \(value)") { try await safe() == value }
      }
    }
  }

  @Test func aDeadPodIsReplaced() async throws {
    try await withControllers { client, _ in
      _ = try await client.create(Fixtures.arena(replicas: 2))
      let before = try await self.readyServers(client, 2)
      let pod = ObjectKey(namespace: "default", name: before[0].podName)
      try await client.delete(Pod.self, pod, options: DeleteOptions(gracePeriodSeconds: 0))
      try await eventually("the Server was replaced") {
        let servers = try await client.arenaServers()
        return servers.count == 2 && !servers.contains { $0.metadata.name == before[0].metadata.name }
          && servers.allSatisfy { $0.status?.state == .ready }
      }
    }
  }

  @Test func aNewVersionComesUpBesideTheOld() async throws {
    try await withControllers { client, world in
      _ = try await client.create(Fixtures.arena(replicas: 2))
      let old = try await self.readyServers(client, 2)
      let patch: JSONValue = [
        "spec": ["fleetSpec": ["spec": ["pod": ["containers": [["name": "game", "image": "game:2"]]]]]]
      ]
      let _: GameType = try await client.patch(GameType.self, self.key, patch)
      try await eventually("the new Fleet is ready and the old one is asked to go") {
        let servers = try await client.arenaServers()
        let going = servers.filter(\.metadata.isBeingDeleted)
        return servers.count == 4 && Set(going.map(\.key)) == Set(old.map(\.key))
          && servers.filter { $0.status?.state == .ready }.count == 2
      }
      world.permitAll()
      try await eventually("the old ones are gone") {
        let fleets = try await client.list(Fleet.self, namespace: "default").items
        return try await client.arenaServers().count == 2 && fleets.count == 1
      }
      let image = try await client.arenaServers().first?.spec.pod.containers.first?.image
      #expect(image == "game:2")
    }
  }

  @Test func deletingTheGameTypeWaitsForItsServers() async throws {
    try await withControllers { client, world in
      _ = try await client.create(Fixtures.arena(replicas: 2))
      _ = try await self.readyServers(client, 2)
      try await client.delete(GameType.self, self.key)
      try await eventually("every Server is told") { world.shutdowns.count == 2 }
      #expect(try await client.arenaServers().count == 2)
      world.permitAll()
      try await eventually("everything is gone") {
        let pods = try await client.list(Pod.self, namespace: "default").items
        let gameType = try await client.find(GameType.self, self.key)
        return try await client.arenaServers().isEmpty && pods.isEmpty && gameType == nil
      }
    }
  }

  private func autoscaler(_ change: (inout GameAutoscalerSpec) -> Void = { _ in }) -> GameAutoscaler {
    var endpoint = ScalingEndpoint(url: "http://studio.test/scale")
    endpoint.timeoutSeconds = 1
    var spec = GameAutoscalerSpec(
      gameName: "arena", policy: .init(webhook: endpoint), sync: .init(interval: GoDuration(.seconds(1))))
    spec.maxReplicas = 10
    change(&spec)
    return GameAutoscaler(metadata: ObjectMeta(name: "arena", namespace: "default"), spec: spec)
  }

  @Test func theWebhookDecidesHowMany() async throws {
    try await withControllers { client, world in
      world.answer(replicas: 4)
      _ = try await client.create(Fixtures.arena(replicas: 1))
      _ = try await client.create(self.autoscaler())
      _ = try await self.readyServers(client, 4)
      let status = try await eventually("the status tells") {
        let status = try await client.get(GameAutoscaler.self, self.key).status
        return status?.desiredReplicas == 4 && status?.currentReplicas == 4 ? status : nil
      }
      #expect(status.conditions?.isTrue("ScalingActive") == true)
      #expect(status.lastReview?.uid != nil)
    }
  }

  @Test func theNumberHasAnOwnerOfItsOwn() async throws {
    try await withControllers { client, world in
      world.answer(replicas: 3)
      _ = try await client.create(Fixtures.arena(replicas: 1))
      _ = try await client.create(self.autoscaler())
      _ = try await self.readyServers(client, 3)
      let managed = try await client.get(ManagedGameType.self, self.key)
      let scaler = managed.managers.first { $0["manager"] == "umpire-autoscaler" }
      #expect(scaler?["subresource"] == "scale")
      #expect(
        scaler?["fieldsV1"]?["f:spec"]?["f:fleetSpec"]?["f:scaling"]?.objectValue?.keys.sorted() == ["f:replicas"])
    }
  }

  @Test func aWebhookThatIsDownChangesNothing() async throws {
    try await withControllers { client, world in
      world.fail(TransportError(.connect, "refused", progress: .nothingSent))
      _ = try await client.create(Fixtures.arena(replicas: 2))
      _ = try await client.create(self.autoscaler())
      let status = try await eventually("the failure is reported") {
        let status = try await client.get(GameAutoscaler.self, self.key).status
        return (status?.consecutiveFailures ?? 0) >= 2 ? status : nil
      }
      #expect(status.conditions?[type: "ScalingActive"]?.status == .false)
      #expect(status.conditions?[type: "ScalingActive"]?.reason == "Connect")
      #expect(try await client.get(GameType.self, self.key).spec.fleetSpec.scaling.replicas == 2)
    }
  }

  @Test func aSecondAutoscalerIsRefused() async throws {
    try await withControllers { client, world in
      world.answer(replicas: 3)
      _ = try await client.create(Fixtures.arena(replicas: 1))
      _ = try await client.create(self.autoscaler())
      _ = try await self.readyServers(client, 3)
      var second = self.autoscaler()
      second.metadata.name = "rival"
      _ = try await client.create(second)
      let status = try await eventually("the second is refused") {
        try await client.get(GameAutoscaler.self, second.key).status
      }
      #expect(status.conditions?[type: "ScalingActive"]?.reason == "AnotherAutoscaler")
      #expect(status.desiredReplicas == nil)
      try await client.delete(GameAutoscaler.self, self.key)
      try await eventually("it takes the place of the first") {
        try await client.get(GameAutoscaler.self, second.key).status?.desiredReplicas == 3
      }
    }
  }

  @Test func aDryRunDecidesAndDoesNotScale() async throws {
    try await withControllers { client, world in
      world.answer(replicas: 7)
      _ = try await client.create(Fixtures.arena(replicas: 2))
      _ = try await self.readyServers(client, 2)
      let before = try await client.get(GameType.self, self.key)
      _ = try await client.create(self.autoscaler { $0.dryRun = true })
      try await eventually("the decision is reported") {
        let status = try await client.get(GameAutoscaler.self, self.key).status
        return status?.desiredReplicas == 7 && status?.currentReplicas == 2
      }
      let after = try await client.get(GameType.self, self.key)
      #expect(after.metadata.resourceVersion == before.metadata.resourceVersion)
    }
  }

  private func studio(_ webhook: Webhook) -> WebhookConfiguration {
    WebhookConfiguration(metadata: ObjectMeta(name: "studio", namespace: "default"), webhooks: [webhook])
  }

  @Test func aConfigurationsStatusTellsHowItsWebhookFares() async throws {
    try await withControllers { client, world in
      world.answer(replicas: 2)
      let webhook = Webhook(
        name: "players", type: .scaling, clientConfig: WebhookClientConfig(url: "http://studio.test/scale"))
      let key = try await client.create(self.studio(webhook)).key
      _ = try await client.create(Fixtures.arena(replicas: 1))
      _ = try await client.create(
        self.autoscaler {
          $0.policy.webhook.url = nil
          $0.policy.webhook.configurationRef = .init(name: key.name)
        })
      let status = try await eventually("the answers show", within: .seconds(20)) {
        let status = try await client.get(WebhookConfiguration.self, key).status
        return status?.webhooks?.first?.lastSuccessTime != nil ? status : nil
      }
      #expect(status.conditions?.isTrue("Valid") == true)
      #expect(status.webhooks?.first?.breakerState == "Closed")
    }
  }

  @Test func aConfiguredScalingWebhookIsAskedWithItsCredentials() async throws {
    try await withControllers { client, world in
      world.answer(replicas: 2)
      let text = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
      _ = try await client.create(
        Secret(
          metadata: ObjectMeta(name: "keys", namespace: "default"), data: ["k": Data(text.utf8).base64EncodedString()]))
      var webhook = Webhook(
        name: "players", type: .scaling, clientConfig: WebhookClientConfig(url: "http://studio.test/scale"))
      webhook.signingSecretRef = SecretKeyReference(name: "keys", key: "k")
      let key = try await client.create(self.studio(webhook)).key
      _ = try await client.create(Fixtures.arena(replicas: 1))
      _ = try await client.create(
        self.autoscaler {
          $0.policy.webhook.url = nil
          $0.policy.webhook.configurationRef = .init(name: key.name)
        })
      let request = try await eventually("it is asked") { world.lastReview }
      func field(_ name: String) -> String? { HTTPField.Name(name).flatMap { request.head.headerFields[$0] } }
      let signature = try WebhookSignature(
        id: field(WebhookSignature.Field.id), timestamp: field(WebhookSignature.Field.timestamp),
        signatures: field(WebhookSignature.Field.signature))
      try signature.verify(
        body: request.body, secrets: [WebhookSecret(text)], now: Timestamp.now.secondsSinceEpoch)
    }
  }

  @Test func whatIsWrongWithAConfigurationIsToldWhenItIsRead() async throws {
    try await withControllers { client, _ in
      let pem = "-----BEGIN CERTIFICATE-----\nnone\n-----END CERTIFICATE-----\n"
      var webhook = Webhook(
        name: "warm", type: .readiness, clientConfig: WebhookClientConfig(url: "https://studio.test/ready"))
      webhook.clientConfig.caBundle = Data(pem.utf8).base64EncodedString()
      let key = try await client.create(self.studio(webhook)).key
      let status = try await eventually("the fault shows") {
        try await client.get(WebhookConfiguration.self, key).status
      }
      #expect(status.conditions?[type: "Valid"]?.reason == "TLS")
      #expect(status.webhooks?.first?.lastFailureMessage?.contains("the caBundle cannot be read") == true)
      let event = try await eventually("an Event tells") {
        try await client.list(Event.self, namespace: "default").items.first { $0.reason == "TLS" }
      }
      #expect(event.involvedObject.name == "studio" && event.type == "Warning")
    }
  }

  @Test func noWishWritesNothing() async throws {
    try await withControllers { client, world in
      world.answer(replicas: nil)
      _ = try await client.create(Fixtures.arena(replicas: 2))
      _ = try await self.readyServers(client, 2)
      _ = try await client.create(self.autoscaler())
      try await eventually("the webhook was asked") { world.reviews >= 1 }
      let settled = try await eventually("the status is written") {
        let autoscaler = try await client.get(GameAutoscaler.self, self.key)
        return autoscaler.status?.lastSyncTime != nil ? autoscaler : nil
      }
      let gameType = try await client.get(GameType.self, self.key)
      let reviews = world.reviews
      try await eventually("it was asked twice more") { world.reviews >= reviews + 2 }
      #expect(
        try await client.get(GameType.self, self.key).metadata.resourceVersion == gameType.metadata.resourceVersion)
      #expect(
        try await client.get(GameAutoscaler.self, self.key).metadata.resourceVersion
          == settled.metadata.resourceVersion)
    }
  }

  // Webhooks that the controller asks

  private func webhook(_ name: String, _ type: WebhookType) -> Webhook {
    var webhook = Webhook(
      name: name, type: type, clientConfig: WebhookClientConfig(url: "http://decider:8000/\(name)"))
    webhook.caller = .controller
    webhook.periodSeconds = 1
    return webhook
  }

  private func spec(readiness: [String] = [], deletable: [String] = []) -> ServerSpec {
    var spec = Fixtures.serverSpec()
    spec.webhookConfigurationName = "decider"
    spec.readinessGates = readiness
    spec.deletableGates = deletable
    spec.sidecar.enabled = false
    return spec
  }

  private func configure(_ client: APIClient, _ webhooks: [Webhook]) async throws {
    _ = try await client.create(
      WebhookConfiguration(metadata: ObjectMeta(name: "decider", namespace: "default"), webhooks: webhooks))
  }

  @Test func serversAreReadyOnceTheirWebhookSaysSo() async throws {
    try await withControllers { client, world in
      world.answer("/warm", false)
      try await self.configure(client, [self.webhook("warm", .readiness)])
      _ = try await client.create(Fixtures.arena(replicas: 3, spec: self.spec(readiness: ["warm"])))
      try await eventually("all are asked about") {
        Set(world.asked("/warm").compactMap { $0["name"]?.stringValue }).count == 3
      }
      try await eventually("all run and none is ready") {
        let servers = try await client.arenaServers()
        return servers.count == 3
          && servers.allSatisfy {
            $0.status?.state == .running && $0.status?.conditions[type: "warm"]?.reason == "Denied"
          }
      }
      let question = try #require(world.asked("/warm").first)
      #expect(question["type"] == "ReadinessWebhook")
      #expect(question["status"] == "Created")
      #expect(question["labels"]?["umpire.dev/game-type"] == "arena")
      world.answer("/warm", true)
      _ = try await self.readyServers(client, 3)
      // The Pod's image is changed in place: it is not ready until the webhook has said so of the new one.
      world.answer("/warm", false)
      let server = try #require(try await client.arenaServers().first)
      let _: Pod = try await client.patch(
        Pod.self, ObjectKey(namespace: "default", name: server.podName), kind: .json,
        [["op": "replace", "path": "/spec/containers/0/image", "value": "game:2"]])
      try await eventually("the webhook is told of the change") {
        world.asked("/warm").contains {
          $0["status"] == "InplaceUpdated" && $0["name"]?.stringValue == server.metadata.name
        }
      }
      try await eventually("it is not ready") {
        try await client.get(Server.self, server.key).status?.state == .running
      }
    }
  }

  /// Drained, taken back, and deleted with players on it: the yes of the first time does not count for the last.
  @Test func aYesOfBeforeDoesNotEndAServerThatCameBack() async throws {
    try await withControllers { client, world in
      world.answer("/empty", true)
      try await self.configure(client, [self.webhook("empty", .deletable)])
      _ = try await client.create(Fixtures.arena(replicas: 1, spec: self.spec(deletable: ["empty"])))
      let key = try #require(try await self.readyServers(client, 1).first).key
      func constrain(_ constraints: JSONValue) async throws {
        let _: Server = try await client.patch(Server.self, key, ["spec": ["constraints": constraints]])
      }
      try await constrain([["type": "NotInService"]])
      try await eventually("the webhook allows it") {
        try await client.get(Server.self, key).status?.conditions.isTrue("empty") == true
      }
      try await constrain([])
      try await eventually("it is taken back") {
        try await client.get(Server.self, key).status?.conditions[type: "empty"]?.reason == "NotAsked"
      }
      world.answer("/empty", false)
      try await client.delete(Server.self, key)
      try await eventually("the webhook refuses") {
        try await client.get(Server.self, key).status?.conditions[type: "empty"]?.reason == "Denied"
      }
      #expect(try await client.find(Pod.self, ObjectKey(namespace: "default", name: "\(key.name)-pod")) != nil)
      world.answer("/empty", true)
      try await eventually("it goes") { try await client.find(Server.self, key) == nil }
    }
  }
}

/// A GameType of which only the managers of its fields are read.
private struct ManagedGameType: KubernetesResource {
  static let resourceType = GameType.resourceType
  var metadata: ObjectMeta
  let managers: [JSONValue]

  private enum CodingKeys: String, CodingKey { case metadata }
  private enum MetadataKeys: String, CodingKey { case managedFields }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.metadata = try container.decode(ObjectMeta.self, forKey: .metadata)
    self.managers = try container.nestedContainer(keyedBy: MetadataKeys.self, forKey: .metadata)
      .decode([JSONValue].self, forKey: .managedFields)
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(self.metadata, forKey: .metadata)
  }
}
