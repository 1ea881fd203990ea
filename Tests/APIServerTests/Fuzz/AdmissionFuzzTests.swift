import HTTPTypes
import KubernetesModel
import TestSupport
import Testing

@testable import APIServer

/// Configurations and answers made at random: each is taken or refused, and none of them harms the server.
struct AdmissionFuzzTests {
  @Test(arguments: 1...4 as ClosedRange<UInt64>)
  func configurationsAreTakenOrRefused(seed: UInt64) async throws {
    let server = try await EmbeddedAPIServer.asking(StudioWebhooks.transport { _, _ in [:] })
    defer { server.close() }
    var source = FuzzSource(seed: seed)
    let service: JSONValue = ["namespace": "default", "name": "checks", "path": "/a", "port": 443]
    var sound = StudioWebhooks.webhook("a", ["failurePolicy": "Ignore", "timeoutSeconds": 3])
    sound["namespaceSelector"] = ["matchExpressions": [["key": "a", "operator": "In", "values": ["b"]]]]
    sound["objectSelector"] = ["matchLabels": ["a": "b"]]
    for index in 0..<150 {
      if source.isOne(in: 2) { sound["clientConfig"] = ["service": service, "caBundle": "YQ=="] }
      let name = "f\(index % 4)"
      let body: JSONValue = ["metadata": ["name": .string(name)], "webhooks": [source.altered(sound)]]
      let path = source.pick([WebhookConfigurationTests.validating, WebhookConfigurationTests.mutating])
      let answer = try await server.send(.post, path, body)
      #expect(answer.status < 500, "\(body): \(answer.text)")
      // Whatever was stored is carried out, and can be taken away again.
      let write = try await server.send(.post, EmbeddedAPIServer.configMaps, ["metadata": ["name": .string(name)]])
      #expect(write.status == 201 || write.status == 409 || write.status == 500, "\(body): \(write.text)")
      if answer.status == 201 { #expect(try await server.send(.delete, "\(path)/\(name)").status == 200) }
    }
  }

  @Test(arguments: 1...4 as ClosedRange<UInt64>)
  func answersAreTakenOrRefused(seed: UInt64) {
    var source = FuzzSource(seed: seed)
    let sound: JSONValue = [
      "apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview",
      "response": [
        "uid": "u", "allowed": true, "patchType": "JSONPatch",
        "patch": "W3sib3AiOiJhZGQiLCJwYXRoIjoiL2EiLCJ2YWx1ZSI6MX1d", "warnings": ["a", "b"],
        "status": ["code": 403, "message": "no", "reason": "Forbidden", "details": ["name": "a"]],
      ],
    ]
    var taken = 0
    for _ in 0..<2000 {
      var bytes = source.altered(sound).serialized()
      if source.isOne(in: 4) { bytes = source.mutated(bytes, from: Array("{}[]\",:0e".utf8)) }
      guard let answer = try? AdmissionAnswer(bytes, uid: "u", isMutating: true) else { continue }
      taken += 1
      let failure = APIFailure.denied(by: "a.b.c", answer.status)
      #expect((400...599).contains(failure.code))
      #expect(failure.status["kind"] == "Status")
    }
    // Neither all nor none.
    #expect((1..<2000).contains(taken))
  }
}
