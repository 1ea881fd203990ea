import APIServer
import HTTPTransport
import KubernetesModel
import Testing

@testable import KubernetesClient

@Suite struct UpdateTests {
  private let key = ObjectKey(namespace: "default", name: "counter")

  private func withClient(_ body: (APIClient) async throws -> Void) async throws {
    let server = try EmbeddedAPIServer.open(.init(storage: .memory))
    defer { server.close() }
    let client = APIClient(
      transport: server, configuration: .inProcess, fieldManager: "test", options: .init(time: ManualTime().time))
    var map = ConfigMap(metadata: ObjectMeta(name: "counter", namespace: "default"))
    map.data = ["count": "0"]
    _ = try await client.create(map)
    try await body(client)
  }

  private func increment(_ map: ConfigMap) -> ConfigMap {
    var map = map
    map.data = ["count": String((Int(map.data?["count"] ?? "") ?? 0) + 1)]
    return map
  }

  @Test func aConflictStartsOverWithTheNewestState() async throws {
    try await self.withClient { client in
      var looks = 0
      let result = try await client.update(ConfigMap.self, self.key) { map in
        looks += 1
        if looks < 3 { try await client.update(ConfigMap.self, self.key) { self.increment($0) } }
        return self.increment(map)
      }
      #expect(looks == 3)
      #expect(result.data == ["count": "3"])
    }
  }

  @Test func itGivesUpWhenOthersAreAlwaysFaster() async throws {
    try await self.withClient { client in
      var looks = 0
      let error = await #expect(throws: APIError.self) {
        try await client.update(ConfigMap.self, self.key) { map in
          looks += 1
          try await client.update(ConfigMap.self, self.key) { self.increment($0) }
          return self.increment(map)
        }
      }
      #expect(error?.isConflict == true)
      #expect(looks == 5)
    }
  }

  @Test func nothingIsWrittenWithoutAChange() async throws {
    try await self.withClient { client in
      let before = try await client.get(ConfigMap.self, self.key)
      try await client.update(ConfigMap.self, self.key) { _ in nil }
      try await client.update(ConfigMap.self, self.key) { $0 }
      #expect(
        try await client.get(ConfigMap.self, self.key).metadata.resourceVersion == before.metadata.resourceVersion)
    }
  }

  @Test func unknownFieldsStay() async throws {
    try await self.withClient { client in
      let _: ConfigMap = try await client.patch(ConfigMap.self, self.key, ["binaryData": ["b": "AAA="]])
      let changed = try await client.update(ConfigMap.self, self.key) { self.increment($0) }
      #expect(changed.data == ["count": "1"])
      let raw = try await client.send(.get(ConfigMap.resourceType, self.key), as: JSONValue.self)
      #expect(raw["binaryData"] == ["b": "AAA="])
    }
  }
}
