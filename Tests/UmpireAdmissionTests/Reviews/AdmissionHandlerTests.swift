import FoundationEssentials
import KubernetesModel
import Testing
import UmpireModel

@testable import UmpireAdmission

@Suite struct AdmissionHandlerTests {
  private func answer(_ request: AdmissionRequest, _ lookups: KnownObjects = KnownObjects()) async -> AdmissionResponse
  {
    await AdmissionHandler(lookups: lookups).validate(request)
  }

  private func changed(_ changes: JSONValue) -> JSONValue { AdmissionSamples.server.applying(mergePatch: changes) }

  // MARK: Judging

  @Test func aSoundObjectPasses() async throws {
    let request = try AdmissionSamples.request(AdmissionSamples.server)
    #expect(request.userInfo?.username == "alice@studio.example" && request.dryRun == false)
    let answer = await self.answer(request)
    #expect(answer == AdmissionResponse(uid: "705ab4f5-6393-11e8-b7cc-42010a800002", allowed: true))
  }

  @Test func anErrorIsToldAsTheAPIServerWould() async throws {
    let one = await self.answer(try AdmissionSamples.request(self.changed(["spec": ["timeout": "9000h"]])))
    #expect(!one.allowed && one.warnings == nil)
    let status = try #require(one.status)
    #expect(status.code == 422 && status.reason == "Invalid")
    let fault = "Invalid value: \"9000h0m0s\": must be at most 8760h"
    #expect(status.message == "Server.umpire.dev \"duel\" is invalid: spec.timeout: \(fault)")
    #expect(status.details?.name == "duel" && status.details?.group == "umpire.dev" && status.details?.kind == "Server")
    #expect(
      status.details?.causes
        == [Status.Cause(reason: "FieldValueInvalid", message: fault, field: "spec.timeout")])

    let two = await self.answer(
      try AdmissionSamples.request(self.changed(["spec": ["timeout": "9000h", "pod": ["containers": []]]])))
    #expect(
      two.status?.message == "Server.umpire.dev \"duel\" is invalid: [spec.pod.containers: Required value, "
        + "spec.timeout: \(fault)]")
    #expect(two.status?.details?.causes?.count == 2)
  }

  @Test func anObjectThatCannotBeReadIsRefusedWithItsField() async throws {
    let answer = await self.answer(try AdmissionSamples.request(self.changed(["spec": ["timeout": 5]])))
    #expect(!answer.allowed)
    let cause = try #require(answer.status?.details?.causes?.first)
    #expect(cause.field == "spec.timeout" && cause.reason == "FieldValueTypeInvalid")
    // Unless it was no better before: its finalizers must be removable.
    let old = self.changed(["spec": ["timeout": 5], "metadata": ["finalizers": ["umpire.dev/deletion-gate"]]])
    let new = self.changed(["spec": ["timeout": 5]])
    #expect(try await self.answer(AdmissionSamples.request(new, replacing: old)).allowed)
    // And whatever can be read mends it.
    #expect(try await self.answer(AdmissionSamples.request(AdmissionSamples.server, replacing: old)).allowed)
  }

  @Test func changesAreComparedWithWhatIsReplaced() async throws {
    let image: JSONValue = ["spec": ["pod": ["containers": [["name": "game", "image": "game:2"]]]]]
    let refused = await self.answer(
      try AdmissionSamples.request(self.changed(image), replacing: AdmissionSamples.server))
    #expect(refused.status?.details?.causes?.map(\.field) == ["spec.pod"])
    #expect(refused.status?.message?.hasSuffix("spec.pod: Forbidden: pod is immutable") == true)
    let broken: JSONValue = ["spec": ["timeout": "9000h"], "metadata": ["finalizers": ["a/b"]]]
    let freed = broken.applying(mergePatch: ["metadata": ["finalizers": []]])
    let request = try AdmissionSamples.request(self.changed(freed), replacing: self.changed(broken))
    #expect(await self.answer(request).allowed)
  }

  @Test func whatIsNotJudgedPasses() async throws {
    let broken = self.changed(["spec": ["timeout": "9000h"]])
    let requests = [
      try AdmissionSamples.request(broken, replacing: broken, operation: "UPDATE", ["subResource": "status"]),
      try AdmissionSamples.request(nil, replacing: broken, operation: "DELETE"),
      try AdmissionSamples.request(broken, ["kind": ["group": "apps"]]),
      try AdmissionSamples.request(broken, ["kind": ["version": "v1"]]),
      try AdmissionSamples.request(broken, ["kind": ["kind": "Servant"]]),
      try AdmissionSamples.request(broken, operation: "CONNECT"),
    ]
    for request in requests { #expect(await self.answer(request).allowed, "\(request.operation) \(request.kind)") }
    #expect(try await !self.answer(AdmissionSamples.request(broken)).allowed)
  }

  // MARK: Other objects

  @Test func aSecondAutoscalerIsRefused() async throws {
    let other = AdmissionSamples.autoscaler.applying(mergePatch: ["metadata": ["name": "first"]])
    var known = KnownObjects(autoscalers: [try other.decoded(as: GameAutoscaler.self)])
    let request = try AdmissionSamples.request(AdmissionSamples.autoscaler)
    let refused = await self.answer(request, known)
    #expect(refused.status?.details?.causes?.first?.reason == "FieldValueDuplicate")
    #expect(refused.status?.message?.contains("GameAutoscaler \"first\" scales this GameType already") == true)
    known.autoscalers[0].metadata.namespace = "elsewhere"
    #expect(await self.answer(request, known).allowed)
    // Nobody is refused for what cannot be found out.
    known.isDown = true
    let doubtful = await self.answer(request, known)
    #expect(doubtful.allowed && doubtful.warnings == ["metadata: the other GameAutoscalers could not be looked up"])
  }

  @Test func gatesAreComparedWithTheConfiguration() async throws {
    let gated = self.changed(["spec": ["readinessGates": ["WarmedUp"], "webhookConfigurationName": "arena"]])
    let request = try AdmissionSamples.request(gated)
    let missing = await self.answer(request)
    #expect(missing.allowed && missing.warnings == ["metadata: WebhookConfiguration \"arena\" does not exist yet"])
    let empty = WebhookConfiguration(metadata: ObjectMeta(name: "arena", namespace: "games"), webhooks: [])
    let doubtful = await self.answer(request, KnownObjects(configurations: [empty]))
    #expect(doubtful.allowed)
    #expect(doubtful.warnings?.first?.hasSuffix("WebhookConfiguration \"arena\" has no webhook of this name") == true)
    var full = empty
    full.webhooks = [Webhook(name: "WarmedUp", type: .readiness, clientConfig: WebhookClientConfig(url: "https://a"))]
    #expect(await self.answer(request, KnownObjects(configurations: [full])).warnings == nil)
    // Said once, not with every change.
    let again = try AdmissionSamples.request(gated, replacing: gated)
    #expect(await self.answer(again).warnings == nil)
    let down = await self.answer(request, KnownObjects(isDown: true))
    #expect(down.warnings == ["metadata: WebhookConfiguration \"arena\" could not be looked up"])
  }

  @Test func whatIsToldIsBounded() async throws {
    let gates = JSONValue.array((0..<30).map { .string("g\($0)" + String(repeating: "x", count: 50)) })
    let name = String(repeating: "n", count: 200)
    let gated = self.changed(["spec": ["readinessGates": gates, "webhookConfigurationName": .string(name)]])
    let empty = WebhookConfiguration(metadata: ObjectMeta(name: name, namespace: "games"), webhooks: [])
    let answer = await self.answer(try AdmissionSamples.request(gated), KnownObjects(configurations: [empty]))
    let warnings = try #require(answer.warnings)
    #expect(warnings.count == 15 && warnings.allSatisfy { $0.unicodeScalars.count == 256 && $0.hasSuffix("…") })
    let containers = JSONValue.array((0..<64).map { _ in ["name": "A", "image": ""] })
    let refused = await self.answer(
      try AdmissionSamples.request(self.changed(["spec": ["pod": ["containers": containers]]])))
    #expect(refused.status?.details?.causes?.count == 100)
  }

  // MARK: Defaults

  @Test func whatIsLeftOutIsFilledIn() throws {
    let handler = AdmissionHandler(lookups: KnownObjects())
    let request = try AdmissionSamples.request(AdmissionSamples.server)
    let answer = handler.fillIn(request)
    #expect(answer.allowed && answer.patchType == "JSONPatch")
    let bytes = try #require(answer.patch.flatMap { Data(base64Encoded: $0) })
    let patch = try JSONPatch(try JSONValue(parsing: Array(bytes)))
    #expect(
      patch.operations.allSatisfy { if case .add(let path, _) = $0 { path.tokens.first == "spec" } else { false } })
    let full = try AdmissionSamples.server.applying(patch)
    #expect(full["spec"]?["timeout"] == "40m")
    #expect(full["spec"]?["opsState"] == "None")
    #expect(full["spec"]?["sidecar"]?["port"] == 8080)
    #expect(full["metadata"] == AdmissionSamples.server["metadata"] && full["status"] == nil)
    // Nothing is left to do then.
    let again = handler.fillIn(try AdmissionSamples.request(full))
    #expect(again == AdmissionResponse(uid: request.uid, allowed: true))
  }

  @Test func partsOfListsAndNullsAreFilledInToo() throws {
    let configuration: JSONValue = [
      "apiVersion": "umpire.dev/v1alpha1", "kind": "WebhookConfiguration", "metadata": ["name": "arena"],
      "webhooks": [
        ["name": "a", "type": "ReadinessWebhook", "clientConfig": ["url": "https://a"], "caller": "Controller"],
        ["name": "b", "type": "ScalingWebhook", "clientConfig": ["url": "https://a"], "periodSeconds": nil],
      ],
    ]
    let answer = AdmissionVerdict.defaults(of: try AdmissionSamples.request(configuration))
    let bytes = try #require(answer.patch.flatMap { Data(base64Encoded: $0) })
    let full = try configuration.applying(try JSONPatch(try JSONValue(parsing: Array(bytes))))
    #expect(full["webhooks"]?[0]?["caller"] == "Controller" && full["webhooks"]?[0]?["timeoutSeconds"] == 15)
    #expect(full["webhooks"]?[1]?["caller"] == "Sidecar" && full["webhooks"]?[1]?["periodSeconds"] == 5)
  }

  @Test func nothingIsFilledInWhereNothingIsJudged() throws {
    let unreadable = self.changed(["spec": ["timeout": 5]])
    for request in [
      try AdmissionSamples.request(unreadable),
      try AdmissionSamples.request(nil, replacing: AdmissionSamples.server, operation: "DELETE"),
      try AdmissionSamples.request(
        AdmissionSamples.server, replacing: AdmissionSamples.server, ["subResource": "scale"]),
    ] {
      #expect(AdmissionVerdict.defaults(of: request) == AdmissionResponse(uid: request.uid, allowed: true))
    }
  }
}
