import APIServer
import CurlTransport
import Foundation
import HTTPTransport
import HTTPTypes
import KubernetesClient
import KubernetesModel
import Logging
import ServerSupport
import TestSupport
import Testing
import UmpireModel
import Yams

@testable import UmpireSidecar

/// The sidecar against the whole API server, with the kinds' real schema.
@Suite(.timeLimit(.minutes(1)))
struct EmbeddedServerTests {
  @Test func storesFlagsReadsThemBackAndFollowsADeletion() async throws {
    let api = try EmbeddedAPIServer.open(.init(logger: .silent))
    defer { api.close() }
    let client = try await Self.client(with: api)

    try await withSidecar(.server(client, .arena)) { _, sidecar in
      try await sidecar.set(.deleteAllowed, to: true)
      try await sidecar.set(.shutdownRequested, to: true)
      try await sidecar.set(.shutdownRequested, to: false)
    }
    let stored = try await client.get(Server.self, .arena)
    #expect(stored.status?.conditions.map(\.type) == ["DeleteAllowed", "ShutdownRequested"])
    #expect(stored.status?.conditions.isTrue("DeleteAllowed") == true)
    #expect(stored.status?.conditions[type: "ShutdownRequested"]?.status == .false)
    #expect(stored.status?.conditions[type: "DeleteAllowed"]?.lastTransitionTime != nil)

    try await withSidecar(.server(client, .arena)) { _, sidecar in
      #expect(sidecar.value(of: .deleteAllowed) == true)
      #expect(sidecar.value(of: .shutdownRequested) == false)
      try await client.delete(Server.self, .arena)
      try await eventually("shutdown is asked for") { sidecar.value(of: .shutdownRequested) == true }
    }
  }

  @Test func losesNoWriteOfOthers() async throws {
    let api = try EmbeddedAPIServer.open(.init(logger: .silent))
    defer { api.close() }
    let client = try await Self.client(with: api)
    try await withSidecar(.server(client, .arena), writeDeadline: .seconds(60)) { _, sidecar in
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask {
          for index in 1...20 { try await sidecar.set(.deleteAllowed, to: index % 2 == 0) }
        }
        group.addTask {
          for index in 1...20 {
            _ = try await client.patch(
              Server.self, .arena, subresource: .status, ["status": ["nodeName": .string("node-\(index)")]])
          }
        }
        try await group.waitForAll()
      }
    }
    let stored = try await client.get(Server.self, .arena)
    #expect(stored.status?.nodeName == "node-20")
    #expect(stored.status?.conditions.isTrue("DeleteAllowed") == true)
  }

  @Test func labelsAndAnnotationsComeBesideThoseOfOthers() async throws {
    let api = try EmbeddedAPIServer.open(.init(logger: .silent))
    defer { api.close() }
    let client = try await Self.client(with: api)
    _ = try await client.patch(Server.self, .arena, ["metadata": ["labels": ["team": "red"]]])
    try await withSidecar(.server(client, .arena)) { _, sidecar in
      try await withThrowingTaskGroup(of: Void.self) { group in
        for index in 1...10 {
          group.addTask { try await sidecar.store(.label(key: "umpire.dev/sdk-\(index)", value: "v")) }
          group.addTask { try await sidecar.store(.annotation(key: "umpire.dev/sdk-\(index)", value: "w x")) }
        }
        try await group.waitForAll()
      }
      let refused = await #expect(throws: SidecarError.self) {
        try await sidecar.store(.label(key: "umpire.dev/sdk-a", value: "not a label"))
      }
      #expect(refused?.code == .refused)
    }
    let stored = try await client.get(Server.self, .arena).metadata
    #expect(stored.labels?.count == 11)
    #expect(stored.labels?["team"] == "red")
    #expect(stored.annotations?["umpire.dev/sdk-10"] == "w x")
  }

  @Test func anotherServerOfTheSameNameIsLeftAlone() async throws {
    let api = try EmbeddedAPIServer.open(.init(logger: .silent))
    defer { api.close() }
    let client = try await Self.client(with: api)
    var old = try await client.get(Server.self, .arena)
    old.metadata.uid = "00000000-0000-0000-0000-000000000000"
    let writer = APIServerWriter(client: client) { .now }
    #expect(try await writer.write(.label(key: "umpire.dev/sdk-a", value: "v"), to: old) == nil)
    #expect(try await writer.write(SidecarFlag.deleteAllowed.change(to: true), to: old) == nil)
    let stored = try await client.get(Server.self, .arena)
    #expect(stored.metadata.labels?["umpire.dev/sdk-a"] == nil)
    #expect(stored.status?.conditions.isTrue("DeleteAllowed") != true)
  }

  @Test func worksOverASocketToo() async throws {
    let api = try EmbeddedAPIServer.open(.init(logger: .silent))
    defer { api.close() }
    _ = try await Self.client(with: api)
    let (ports, port) = AsyncStream.makeStream(of: Int.self)
    let listener = TransportListener(serving: api, host: "127.0.0.1", port: 0, logger: .silent) {
      port.yield($1)
      port.finish()
    }
    let transport = CurlHTTPTransport()
    defer { transport.shutdown() }
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await listener.run() }
      for await port in ports {
        let remote = APIClient(
          transport: transport, configuration: ClientConfiguration(scheme: "http", authority: "127.0.0.1:\(port)"),
          fieldManager: "test")
        try await withSidecar(.server(remote, .arena)) { _, sidecar in
          try await sidecar.set(.deleteAllowed, to: true)
          #expect(try await remote.get(Server.self, .arena).status?.conditions.isTrue("DeleteAllowed") == true)
          try await remote.delete(Server.self, .arena)
          try await eventually("shutdown is asked for") { sidecar.value(of: .shutdownRequested) == true }
        }
      }
      group.cancelAll()
      try await group.waitForAll()
    }
  }

  /// A client of `api`, which knows Servers and has the one that the tests are about.
  private static func client(with api: EmbeddedAPIServer) async throws -> APIClient {
    let client = APIClient(transport: api, configuration: .inProcess, fieldManager: "test")
    let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..")
    let yaml = try String(contentsOf: root.appending(path: "manifests/crds/umpire.dev_servers.yaml"), encoding: .utf8)
    try await Self.post(
      "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", Self.json(try Yams.load(yaml: yaml)), to: api)
    try await Self.post("/api/v1/namespaces", ["metadata": ["name": "games"]], to: api)
    var server = Server(
      metadata: ObjectMeta(name: "arena-1", namespace: "games"),
      spec: ServerSpec(pod: PodSpec(containers: [Container(name: "game", image: "game")])))
    server.metadata.finalizers = [Finalizers.deletionGate]
    _ = try await client.create(server)
    return client
  }

  private static func post(_ path: String, _ body: JSONValue, to api: EmbeddedAPIServer) async throws {
    let fields: HTTPFields = [.contentType: "application/json"]
    let head = HTTPRequest(method: .post, scheme: "http", authority: "x", path: path, headerFields: fields)
    let response = try await api.collect(TransportRequest(head: head, body: body.serialized()))
    try #require(response.head.status == .created, "\(String(decoding: response.body, as: UTF8.self))")
  }

  private static func json(_ value: Any?) -> JSONValue {
    switch value {
    case let text as String: .string(text)
    case let truth as Bool: .bool(truth)
    case let number as Int: .integer(Int64(number))
    case let number as Double: .double(number)
    case let list as [Any]: .array(list.map(Self.json))
    case let fields as [AnyHashable: Any]:
      .object(Dictionary(uniqueKeysWithValues: fields.map { ("\($0.key)", Self.json($0.value)) }))
    default: .null
    }
  }
}
