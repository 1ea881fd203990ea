import CarrierSDK
import KubernetesModel
import Testing
import UmpireModel

@testable import UmpireSidecar

struct GameServerMessageTests {
  @Test func everyFieldIsTold() throws {
    var server = Server.arena
    server.metadata.deletionTimestamp = Timestamp(microsecondsSinceEpoch: 1_767_225_609_900_000)
    let message = Carrier_Dev_Sdk_GameServer(server)
    #expect(message.objectMeta.name == "arena-1")
    #expect(message.objectMeta.namespace == "games")
    #expect(message.objectMeta.uid == "5c1f")
    #expect(message.objectMeta.resourceVersion == "41")
    #expect(message.objectMeta.generation == 3)
    #expect(message.objectMeta.creationTimestamp == 1_767_225_600)
    #expect(message.objectMeta.deletionTimestamp == 1_767_225_609)
    #expect(message.objectMeta.labels == ["umpire.dev/fleet": "arena"])
    #expect(message.objectMeta.annotations == ["note": "first \"arena\""])
    #expect(message.spec.readinessGates == ["MapLoaded"])
    #expect(message.spec.deletableGates == ["DeleteAllowed"])
    #expect(message.spec.constraints.map(\.type) == ["NotInService", "Quiet"])
    #expect(message.spec.constraints.map(\.effective) == [true, false])
    #expect(message.spec.constraints.map(\.message) == ["going", ""])
    #expect(message.spec.constraints.map(\.timeAdded) == [1_767_225_603, 0])
    #expect(message.status.state == "Ready")
    #expect(message.status.address == "10.0.0.7")
    #expect(message.status.nodeName == "node-a")
    #expect(message.status.conditions.map(\.type) == ["MapLoaded", "Odd"])
    #expect(message.status.conditions.map(\.status) == ["True", "Unknown"])
    #expect(message.status.conditions.map(\.lastProbeTime) == [1_767_225_602, 0])
    #expect(message.status.conditions.map(\.lastTransitionTime) == [1_767_225_601, 0])
    #expect(message.status.conditions.map(\.message) == ["yes", ""])
  }

  @Test func whatIsNotThereIsEmpty() throws {
    let message = Carrier_Dev_Sdk_GameServer(
      Server(metadata: ObjectMeta(), spec: ServerSpec(pod: PodSpec(containers: []))))
    #expect(message.objectMeta == .init())
    #expect(message.spec.constraints.isEmpty)
    #expect(message.spec.deletableGates == ["DeleteAllowed"])
    #expect(message.status.state == "Starting")
    #expect(message.status.conditions.isEmpty)
  }

  @Test func gatesOfItsOwnReplaceTheSidecars() {
    var server = Server.arena
    server.spec.deletableGates = ["Empty"]
    #expect(Carrier_Dev_Sdk_GameServer(server).spec.deletableGates == ["Empty"])
  }

  @Test func theJSONIsThatOfTheGatewaysDefault() throws {
    let state = try EncodedGameServer(.init(.arena))
    let json = try JSONValue(parsing: state.json)
    #expect(
      json == [
        "objectMeta": [
          "name": "arena-1", "namespace": "games", "uid": "5c1f", "resourceVersion": "41", "generation": "3",
          "creationTimestamp": "1767225600", "annotations": ["note": "first \"arena\""],
          "labels": ["umpire.dev/fleet": "arena"],
        ],
        "spec": [
          "constraints": [
            ["type": "NotInService", "effective": true, "message": "going", "timeAdded": "1767225603"],
            ["type": "Quiet"],
          ],
          "readinessGates": ["MapLoaded"], "deletableGates": ["DeleteAllowed"],
        ],
        "status": [
          "state": "Ready", "address": "10.0.0.7", "nodeName": "node-a",
          "conditions": [
            [
              "type": "MapLoaded", "status": "True", "lastProbeTime": "1767225602", "lastTransitionTime": "1767225601",
              "message": "yes",
            ],
            ["type": "Odd", "status": "Unknown"],
          ],
        ],
      ])
    #expect(!state.json.contains(UInt8(ascii: "\n")))
    #expect(state.line == Array("{\"result\":".utf8) + state.json + Array("}\n".utf8))
  }

  @Test func equalStatesHaveEqualBytes() throws {
    var server = Server.arena
    var labels: [String: String] = [:]
    for index in 0..<64 { labels["l\(index)"] = "\(index)" }
    server.metadata.labels = labels
    let first = try EncodedGameServer(.init(server))
    server.metadata.labels = Dictionary(uniqueKeysWithValues: labels.sorted { $0.key > $1.key })
    #expect(try EncodedGameServer(.init(server)) == first)
    server.metadata.labels?["l7"] = "other"
    #expect(try EncodedGameServer(.init(server)) != first)
  }
}
