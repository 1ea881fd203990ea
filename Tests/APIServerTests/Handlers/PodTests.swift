import HTTPTypes
import KubernetesModel
import Testing

@testable import APIServer

struct PodTests {
  @Test func aPodIsDefaultedBoundAndReported() async throws {
    let server = try await EmbeddedAPIServer.inMemory()
    defer { server.close() }
    let pod = try await server.createPod("p")
    #expect(pod["spec"]?["restartPolicy"] == "Always")
    #expect(pod["spec"]?["terminationGracePeriodSeconds"] == 30)
    #expect(pod["spec"]?["containers"]?[0]?["imagePullPolicy"] == "IfNotPresent")
    #expect(pod["status"]?["phase"] == "Pending")
    #expect(pod["metadata"]?["generation"] == 1)

    let path = "\(EmbeddedAPIServer.pods)/p"
    let binding: JSONValue = ["apiVersion": "v1", "kind": "Binding", "target": ["name": "local"]]
    #expect(try await server.send(.post, "\(path)/binding", binding).status == 201)
    #expect(try await server.send(.post, "\(path)/binding", binding).status == 409)
    let bound = try await server.send(.get, "\(EmbeddedAPIServer.pods)?fieldSelector=spec.nodeName%3Dlocal").json
    #expect(bound["items"]?[0]?["status"]?["conditions"]?[0]?["type"] == "PodScheduled")
    #expect(bound["items"]?[0]?["kind"] == nil)

    let status: JSONValue = ["status": ["phase": "Running", "podIP": "127.1.2.3"], "spec": ["nodeName": "other"]]
    let running = try await server.merge("\(path)/status", status).json
    #expect(running["status"]?["podIP"] == "127.1.2.3")
    #expect(running["spec"]?["nodeName"] == "local")
    let found = try await server.send(.get, "/api/v1/pods?fieldSelector=status.phase!%3DPending").json
    #expect(found["items"]?.arrayValue?.count == 1)
  }

  @Test func aBoundPodStaysUntilItsNodeLetsItGo() async throws {
    let time = ManualTime()
    let server = try await EmbeddedAPIServer.inMemory { $0.now = { time.now } }
    defer { server.close() }
    try await server.createPod("p", node: "local")
    let path = "\(EmbeddedAPIServer.pods)/p"
    let going = try await server.send(.delete, path)
    #expect(going.status == 200)
    #expect(going.json["metadata"]?["deletionTimestamp"] == "2026-01-01T00:00:30Z")
    #expect(going.json["metadata"]?["deletionGracePeriodSeconds"] == 30)
    #expect(try await server.send(.delete, path).json == going.json)
    #expect(try await server.send(.get, path).status == 200)
    #expect(try await server.send(.delete, path, ["gracePeriodSeconds": 0]).status == 200)
    #expect(try await server.send(.get, path).status == 404)

    try await server.createPod("unbound")
    let gone = try await server.send(.delete, "\(EmbeddedAPIServer.pods)/unbound")
    #expect(gone.json["kind"] == "Pod")
    #expect(try await server.send(.get, "\(EmbeddedAPIServer.pods)/unbound").status == 404)
  }

  @Test func aPodsSpecificationIsFixedButForImages() async throws {
    let server = try await EmbeddedAPIServer.inMemory()
    defer { server.close() }
    try await server.createPod("p")
    let path = "\(EmbeddedAPIServer.pods)/p"
    let image: JSONValue = ["spec": ["containers": [["name": "main", "image": "game:2"]]]]
    let changed = try await server.send(.patch, path, image, type: "application/strategic-merge-patch+json")
    #expect(changed.json["spec"]?["containers"]?[0]?["image"] == "game:2")
    #expect(changed.json["metadata"]?["generation"] == 2)
    let refused = try await server.merge(path, ["spec": ["hostname": "x"]])
    #expect(refused.status == 422)
    #expect(refused.causes == ["spec: FieldValueForbidden"])
  }

  @Test func badPodsAreRefused() async throws {
    let server = try await EmbeddedAPIServer.inMemory()
    defer { server.close() }
    let empty = try await server.send(.post, EmbeddedAPIServer.pods, ["metadata": ["name": "p"], "spec": [:]])
    #expect(empty.causes == ["spec.containers: FieldValueRequired"])
    let containers: JSONValue = [
      ["image": "i"], ["name": "a"], ["name": "a", "image": "i", "ports": [["containerPort": 70_000]]],
    ]
    let bad = try await server.send(
      .post, EmbeddedAPIServer.pods,
      ["metadata": ["name": "p"], "spec": ["containers": containers, "restartPolicy": "Sometimes"]])
    #expect(
      bad.causes == [
        "spec.containers[0].name: FieldValueRequired", "spec.containers[1].image: FieldValueRequired",
        "spec.containers[2].name: FieldValueDuplicate", "spec.containers[2].ports[0].containerPort: FieldValueInvalid",
        "spec.restartPolicy: FieldValueNotSupported",
      ])
    let mistyped = try await server.send(
      .post, EmbeddedAPIServer.pods, ["metadata": ["name": "p"], "spec": ["containers": "one"]])
    #expect(mistyped.status == 400)
  }

  @Test func secretsTakePlainText() async throws {
    let server = try await EmbeddedAPIServer.inMemory()
    defer { server.close() }
    let secrets = "/api/v1/namespaces/default/secrets"
    let made = try await server.send(
      .post, secrets, ["metadata": ["name": "s"], "stringData": ["k": "plain"], "immutable": true])
    #expect(made.json["data"] == ["k": "cGxhaW4="])
    #expect(made.json["type"] == "Opaque")
    #expect(made.json["stringData"] == nil)
    #expect(try await server.merge("\(secrets)/s", ["data": ["k": "bmV3"]]).causes == ["data: FieldValueForbidden"])
    let bad = try await server.send(.post, secrets, ["metadata": ["name": "t"], "data": ["k": "?"]])
    #expect(bad.status == 422)
    #expect(bad.text.contains("?") == false)
  }
}
