import FoundationEssentials
import KubernetesModel
import Testing
import UmpireModel

@Suite struct KindsTests {
  private func decode<Value: Decodable>(_ json: String, as type: Value.Type) throws -> Value {
    try JSONDecoder().decode(Value.self, from: Data(json.utf8))
  }

  @Test func aServerIsDefaulted() throws {
    let server = try self.decode(
      #"{"metadata":{"name":"a"},"spec":{"pod":{"containers":[{"name":"g","image":"i"}]}}}"#, as: Server.self)
    #expect(server.spec.timeout.description == "40m0s")
    #expect(server.spec.effectiveDeletableGates == ["DeleteAllowed"])
    #expect(server.spec.opsState == .none)
    #expect(server.spec.sidecar.enabled)
    #expect(server.spec.sidecar.startOrder == .before)
    #expect(server.spec.sidecar.port == 8080)
    #expect(server.podName == "a-pod")
  }

  @Test func unknownFieldsOfThePodSurvive() throws {
    let json = #"{"pod":{"containers":[{"name":"g","image":"i","odd":{"x":[1,2.5,null]}}],"novel":9007199254740993}}"#
    let spec = try self.decode(json, as: ServerSpec.self)
    let back = try JSONValue(encoding: spec)
    #expect(back["pod"]?["novel"] == 9_007_199_254_740_993)
    #expect(back["pod"]?["containers"]?[0]?["odd"]?["x"] == [1, 2.5, nil])
  }

  @Test func scalingIsDefaulted() throws {
    let json = #"{"metadata":{},"spec":{"fleetSpec":{"spec":{"pod":{"containers":[]}}}}}"#
    let gameType = try self.decode(json, as: GameType.self)
    #expect(gameType.spec.fleetSpec.scaling == FleetScaling(replicas: 1))
    #expect(gameType.spec.updateStrategy.type == .blueGreen)
    #expect(gameType.spec.updateStrategy.rollingUpdate.maxSurge == .percent(25))
  }

  @Test func bothAgePrioritiesAreKnown() throws {
    #expect(try self.decode(#"{"agePriority":"newest_first"}"#, as: FleetScaling.self).agePriority == .newestFirst)
    #expect(throws: (any Error).self) { try self.decode(#"{"agePriority":"smallest_first"}"#, as: FleetScaling.self) }
  }

  @Test func sharesAreRounded() {
    #expect(IntegerOrPercent.percent(25).resolved(of: 10, roundingUp: true) == 3)
    #expect(IntegerOrPercent.percent(25).resolved(of: 10, roundingUp: false) == 2)
    #expect(IntegerOrPercent.integer(4).resolved(of: 10, roundingUp: true) == 4)
  }

  @Test func aStatusThatOnlyTheSidecarWroteCanBeRead() throws {
    let status = try self.decode(#"{"conditions":[{"type":"DeleteAllowed","status":"True"}]}"#, as: ServerStatus.self)
    #expect(status.state == .starting)
    #expect(status.conditions.isTrue("DeleteAllowed"))
  }

  @Test func theTemplateIsWhatRuns() throws {
    var spec = ServerSpec(pod: PodSpec(containers: [Container(name: "g", image: "a")]))
    let before = spec
    spec.timeout = GoDuration(.seconds(1))
    spec.allowForceDelete = true
    #expect(spec.hasSameTemplate(as: before))
    spec.pod = PodSpec(containers: [Container(name: "g", image: "b")])
    #expect(!spec.hasSameTemplate(as: before))
  }
}

@Suite struct WebhookReviewTests {
  @Test func theQuestionCarriesAnExplicitNull() throws {
    let review = WebhookReview(request: ReviewRequest(uid: "u", name: "arena-1", namespace: "default"))
    let json = try JSONValue(encoding: review)
    #expect(json.objectValue?["response"] == .some(.null))
    #expect(json["request"] == ["uid": "u", "name": "arena-1", "namespace": "default"])
  }

  @Test func unknownFieldsAreIgnored() throws {
    let json = #"{"request":null,"response":{"uid":"u","allowed":true,"novel":{}},"more":1}"#
    let review = try JSONDecoder().decode(WebhookReview.self, from: Data(json.utf8))
    #expect(review.response == ReviewResponse(uid: "u", allowed: true))
  }

  @Test(arguments: [
    #"{"response":{"uid":"u"}}"#, #"{"response":{"allowed":true}}"#, #"{"response":{"uid":1,"allowed":true}}"#,
  ])
  func missingAndMistypedFieldsAreRefused(json: String) {
    #expect(throws: DecodingError.self) { try JSONDecoder().decode(WebhookReview.self, from: Data(json.utf8)) }
  }
}
