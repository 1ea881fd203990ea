import HTTPTransport
import HTTPTypes
import KubernetesModel
import Testing

@testable import APIServer

struct ProtobufTests {
  /// A message in its envelope, as typed clients send it.
  private static func body(_ apiVersion: String, _ kind: String, _ write: (inout ProtobufWriter) -> Void) -> [UInt8] {
    var envelope = ProtobufWriter()
    envelope.message(1) { type in
      type.text(1, .string(apiVersion))
      type.text(2, .string(kind))
    }
    envelope.message(2, write)
    envelope.text(3, "")
    envelope.text(4, "")
    return Array("k8s\0".utf8) + envelope.bytes
  }

  private static func name(_ name: String, in message: inout ProtobufWriter) {
    message.message(1) { metadata in
      metadata.text(1, .string(name))
      metadata.text(2, "")
      metadata.bytes(8, [])
    }
  }

  private static func entry(_ key: String, _ value: String, _ number: Int, in message: inout ProtobufWriter) {
    message.message(number) { entry in
      entry.text(1, .string(key))
      entry.text(2, .string(value))
    }
  }

  private func send(_ path: String, _ body: [UInt8], to server: EmbeddedAPIServer) async throws -> Answer {
    try await server.send(.post, path, bytes: body, type: "application/vnd.kubernetes.protobuf")
  }

  @Test func aServiceHasPortsByNumberAndByName() async throws {
    let server = try await EmbeddedAPIServer.inMemory()
    let service = Self.body("v1", "Service") { message in
      Self.name("inner", in: &message)
      message.message(2) { spec in
        for (number, name) in [(8081, ""), (0, "http")] as [(Int64, String)] {
          spec.message(1) { port in
            port.text(1, .string(name.isEmpty ? "number" : "name"))
            port.integer(3, .integer(name.isEmpty ? 80 : 81))
            port.message(4) { target in
              target.integer(1, .integer(name.isEmpty ? 0 : 1))
              target.integer(2, .integer(number))
              target.text(3, .string(name))
            }
            port.integer(5, 0)
          }
        }
        Self.entry("app", "inner", 2, in: &spec)
        spec.text(3, "")
        spec.text(4, "ClusterIP")
      }
      message.message(3) { $0.bytes(1, []) }
    }
    let created = try await self.send("/api/v1/namespaces/default/services", service, to: server)
    #expect(created.status == 201)
    let spec: JSONValue = [
      "type": "ClusterIP", "selector": ["app": "inner"], "sessionAffinity": "None", "internalTrafficPolicy": "Cluster",
      "ports": [
        ["name": "number", "port": 80, "targetPort": 8081, "protocol": "TCP"],
        ["name": "name", "port": 81, "targetPort": "http", "protocol": "TCP"],
      ],
    ]
    #expect(created.json["spec"] == spec)
  }

  @Test func createsObjects() async throws {
    let server = try await EmbeddedAPIServer.inMemory()
    let namespace = Self.body("v1", "Namespace") { message in
      Self.name("stage", in: &message)
      message.bytes(2, [])
      message.message(3) { $0.text(1, "") }
    }
    #expect(try await self.send("/api/v1/namespaces?fieldValidation=Strict", namespace, to: server).status == 201)

    let map = Self.body("v1", "ConfigMap") { message in
      Self.name("rules", in: &message)
      Self.entry("mode", "duel", 2, in: &message)
      Self.entry("empty", "", 2, in: &message)
      Self.entry("raw", "\u{1}", 3, in: &message)
    }
    let created = try await self.send("/api/v1/namespaces/stage/configmaps", map, to: server)
    #expect(created.status == 201)
    #expect(created.contentType == "application/json")
    #expect(created.json["data"] == ["mode": "duel", "empty": ""])
    #expect(created.json["binaryData"] == ["raw": "AQ=="])

    let lease = Self.body("coordination.k8s.io/v1", "Lease") { message in
      Self.name("lead", in: &message)
      message.message(2) { spec in
        spec.text(1, "me")
        spec.integer(2, 15)
        spec.message(4) { $0.integer(1, 1_767_225_600) }
      }
    }
    let held = try await self.send("/apis/coordination.k8s.io/v1/namespaces/stage/leases", lease, to: server)
    #expect(held.json["spec"]?["leaseDurationSeconds"] == 15)
    #expect(held.json["spec"]?["renewTime"]?.stringValue?.hasPrefix("2026-01-01T00:00:00") == true)
  }

  @Test func whatWouldLoseSomethingIsRefused() async throws {
    let server = try await EmbeddedAPIServer.withWidgets()
    let unknownKind = Self.body("v1", "Pod") { Self.name("a", in: &$0) }
    #expect(try await self.send(EmbeddedAPIServer.pods, unknownKind, to: server).status == 415)
    let unknownField = Self.body("v1", "ConfigMap") { message in
      Self.name("a", in: &message)
      message.text(99, "new")
    }
    #expect(try await self.send(EmbeddedAPIServer.configMaps, unknownField, to: server).status == 415)
  }

  @Test func everyTruncationIsRefused() async throws {
    let server = try await EmbeddedAPIServer.inMemory()
    let map = Self.body("v1", "ConfigMap") { message in
      Self.name("rules", in: &message)
      Self.entry("mode", "duel", 2, in: &message)
    }
    // The last four bytes are two empty fields of the envelope, which may as well be left out.
    for count in 1..<map.count - 4 {
      let answer = try await self.send(EmbeddedAPIServer.configMaps, Array(map.prefix(count)), to: server)
      #expect((400..<500).contains(answer.status), "\(count) bytes: \(answer.text)")
    }
  }

  @Test func readsWhatItWrites() throws {
    var writer = ProtobufWriter()
    writer.integer(1, -1)
    writer.integer(2, .integer(.max))
    writer.double(3, 0.5)
    writer.flag(4, true)
    writer.flag(5, false)
    writer.text(16, "é")
    var reader = ProtobufReader(writer.bytes[...])
    var fields: [Int: ProtobufReader.Value] = [:]
    while let (number, value) = try reader.next() { fields[number] = value }
    #expect(fields[1] == .number(.max))
    #expect(fields[2] == .number(UInt64(Int64.max)))
    #expect(fields[3] == .bytes([0, 0, 0, 0, 0, 0, 0xE0, 0x3F]))
    #expect(fields[4] == .number(1))
    #expect(fields[5] == nil)
    #expect(fields[16] == .bytes(ArraySlice("é".utf8)))
  }

  @Test(arguments: [
    [0x08], [0x0A, 0x05, 0x01], [0x00, 0x01], [0x0B], [0x09, 0x00], Array(repeating: 0xFF, count: 12),
  ])
  func damageIsToldApart(bytes: [UInt8]) {
    #expect(throws: ProtobufReader.Malformed.self) {
      var reader = ProtobufReader(bytes[...])
      while try reader.next() != nil {}
    }
  }
}
