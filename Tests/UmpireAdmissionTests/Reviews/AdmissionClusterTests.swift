import APIServer
import HTTPTransport
import HTTPTypes
import KubernetesClient
import KubernetesModel
import Synchronization
import TestSupport
import Testing
import UmpireLocal
import UmpireModel

@testable import UmpireAdmission

/// Looks objects up in a cluster.
private struct ClusterLookups: AdmissionLookups {
  let client: APIClient

  func webhookConfiguration(_ key: ObjectKey) async throws -> WebhookConfiguration? {
    try await self.client.find(WebhookConfiguration.self, key)
  }

  func autoscalers(in namespace: String) async throws -> [GameAutoscaler] {
    try await self.client.list(GameAutoscaler.self, namespace: namespace).items
  }

  func pod(_ key: ObjectKey) async throws -> Pod? { try await self.client.find(Pod.self, key) }
}

/// An API server that asks the handler about every write of Umpire's kinds.
@Suite(.timeLimit(.minutes(1))) struct AdmissionClusterTests {
  private static func registration(_ kind: String, path: String) -> JSONValue {
    [
      "apiVersion": "admissionregistration.k8s.io/v1", "kind": .string(kind), "metadata": ["name": "umpire"],
      "webhooks": [
        [
          "name": "rules.umpire.dev", "sideEffects": "None", "admissionReviewVersions": ["v1"],
          "clientConfig": ["url": .string("https://umpire.example\(path)")],
          "rules": [
            [
              "operations": ["CREATE", "UPDATE"], "apiGroups": ["umpire.dev"], "apiVersions": ["v1alpha1"],
              "resources": ["*/*"],
            ]
          ],
        ]
      ],
    ]
  }

  /// Runs `body` with a cluster whose writes are judged, and with the paths that were asked.
  private func withCluster(_ body: (APIClient, @Sendable () -> [String]) async throws -> Void) async throws {
    // The handler looks objects up in the very server that asks it.
    let known = Mutex<APIClient?>(nil)
    let transport = ScriptedTransport { request, _ in
      let handler = AdmissionHandler(lookups: ClusterLookups(client: try #require(known.withLock { $0 })))
      let question = try AdmissionRoutes.question(in: request.body)
      let isDefault = request.head.path?.hasPrefix("/default") == true
      let answer = isDefault ? handler.fillIn(question) : await handler.validate(question)
      let review = try JSONValue(encoding: AdmissionReview(response: answer))
      return .body(String(decoding: review.serialized(), as: UTF8.self))
    }
    var configuration = EmbeddedAPIServer.Configuration(storage: .memory)
    configuration.webhookTransport = transport
    let server = try EmbeddedAPIServer.open(configuration)
    defer { server.close() }
    let client = APIClient(transport: server, configuration: .inProcess, fieldManager: "test")
    known.withLock { $0 = client }
    try await ManifestApplier(client: client).apply(try LocalCluster.customResourceDefinitions())
    for (kind, plural, path) in [
      ("ValidatingWebhookConfiguration", "validatingwebhookconfigurations", "/validate"),
      ("MutatingWebhookConfiguration", "mutatingwebhookconfigurations", "/default"),
    ] {
      let type = ResourceType(
        group: "admissionregistration.k8s.io", version: "v1", kind: kind, plural: plural, isNamespaced: false)
      try await self.create(type, Self.registration(kind, path: path), client)
    }
    try await body(client) {
      transport.requests.compactMap { $0.head.path?.split(separator: "?").first.map(String.init) }
    }
  }

  private func create(_ type: ResourceType, _ object: JSONValue, _ client: APIClient) async throws {
    let namespace = type.isNamespaced ? "default" : nil
    _ = try await client.send(
      .create(type, namespace: namespace, body: object.serialized(), fieldManager: "test"), as: JSONValue.self)
  }

  private static func inDefault(_ object: JSONValue, _ changes: JSONValue = [:]) -> JSONValue {
    var object = object.applying(mergePatch: changes)
    object["metadata"] = (object["metadata"] ?? [:]).applying(mergePatch: ["namespace": "default"])
    for field in ["uid", "creationTimestamp", "generation", "managedFields"] { object["metadata"]?[field] = nil }
    return object
  }

  /// What the server refuses with.
  private func refusal(_ body: () async throws -> Void) async throws -> Status? {
    do {
      try await body()
      return nil
    } catch let error as APIError {
      return error.status
    }
  }

  @Test func whatTheRulesRefuseIsNotStored() async throws {
    try await self.withCluster { client, paths in
      let server = Self.inDefault(AdmissionSamples.server)
      // The definition says nothing of the length of a name.
      let name = String(repeating: "a", count: 64)
      let broken = server.applying(mergePatch: ["metadata": ["name": .string(name)]])
      let status = try await self.refusal { try await self.create(Server.resourceType, broken, client) }
      #expect(
        status?.message
          == "admission webhook \"rules.umpire.dev\" denied the request: Server.umpire.dev \"\(name)\" is "
          + "invalid: metadata.name: Too long: may not be more than 63 bytes")
      #expect(status?.code == 422 && status?.reason == "Invalid")
      #expect(status?.details?.causes?.map(\.field) == ["metadata.name"])
      try await self.create(Server.resourceType, server, client)
      // Defaults of the definition leave nothing to fill in.
      #expect(paths() == ["/default", "/validate", "/default", "/validate"])
    }
  }

  @Test func aChangeIsComparedWithWhatIsStored() async throws {
    try await self.withCluster { client, _ in
      let server = Self.inDefault(AdmissionSamples.server, ["metadata": ["finalizers": ["umpire.dev/deletion-gate"]]])
      try await self.create(Server.resourceType, server, client)
      let key = ObjectKey(namespace: "default", name: "duel")
      func patch(_ changes: JSONValue, subresource: Subresource? = nil) async throws {
        _ = try await client.send(
          .patch(
            Server.resourceType, key, subresource: subresource, kind: .merge, body: changes.serialized(),
            fieldManager: "test"), as: JSONValue.self)
      }
      let status = try await self.refusal { try await patch(["spec": ["pod": ["hostNetwork": true]]]) }
      // The rule of the definition is evaluated before admission is asked.
      #expect(status?.message == "Server.umpire.dev \"duel\" is invalid: spec: Invalid value: pod is immutable")
      #expect(try await self.refusal { try await patch(["spec": ["opsState": "Kill"]]) } == nil)
      #expect(
        try await self.refusal { try await patch(["status": ["state": "Running"]], subresource: .status) } == nil)
      #expect(try await self.refusal { try await patch(["metadata": ["finalizers": []]]) } == nil)
    }
  }

  @Test func aSecondAutoscalerIsNotStored() async throws {
    try await self.withCluster { client, _ in
      let first = Self.inDefault(AdmissionSamples.autoscaler)
      try await self.create(GameAutoscaler.resourceType, first, client)
      let second = first.applying(mergePatch: ["metadata": ["name": "second"]])
      let status = try await self.refusal { try await self.create(GameAutoscaler.resourceType, second, client) }
      #expect(status?.details?.causes?.first?.reason == "FieldValueDuplicate")
      #expect(try await client.list(GameAutoscaler.self, namespace: "default").items.count == 1)
    }
  }
}
