import KubernetesModel
import Testing
import UmpireModel

@testable import WebhookClient

struct WebhookQuestionCodingTests {
  private func json(_ question: WebhookQuestion) throws -> JSONValue {
    try JSONValue(parsing: question.encoded())
  }

  private func decode(_ question: WebhookQuestion, _ body: String) throws(WebhookFailure) -> ReviewResponse {
    try question.decode(Array(body.utf8))
  }

  // MARK: WebhookReview

  @Test func aReviewGoesOutWithoutAResponse() throws {
    var question = Fixture.question(.constraint)
    question.request.status = .created
    question.request.constraints = [Constraint(type: "NotInService")]
    let json = try self.json(question)
    #expect(json["response"] == .null)
    #expect(json["request"]?["uid"] == .string(Fixture.uid))
    #expect(json["request"]?["name"] == "arena-1")
    #expect(json["request"]?["namespace"] == "games")
    #expect(json["request"]?["status"] == "Created")
    #expect(json["request"]?["constraints"]?[0]?["type"] == "NotInService")
    #expect(json["request"]?["scaling"] == nil)
  }

  @Test func theTextIsThatOfTheEncoding() throws {
    var full = Fixture.scaling().request
    full.status = .inplaceUpdated
    full.constraints = [Constraint(type: "NotInService", effective: false, message: "a \"b\" \\ \u{1}\n\u{1F3AE}")]
    full.labels = ["b": "2", "a": "1", "é": "\t"]
    full.annotations = [:]
    full.parameters = ["x\"y": "z"]
    full.name = "quoted \"name\""
    var least = ReviewRequest(uid: "", name: "", namespace: "")
    for request in [full, least, Fixture.question(.deletable).request] {
      let encoded = try JSONValue(encoding: WebhookReview(request: request)).serialized()
      #expect(
        String(decoding: try ReviewText(request).bytes, as: UTF8.self) == String(decoding: encoded, as: UTF8.self))
    }
    least.constraints = []
    #expect(String(decoding: try ReviewText(least).bytes, as: UTF8.self).contains(#""constraints":[],"name":"""#))
  }

  @Test func carriersAnswerIsUnderstood() throws {
    let body = """
      {"request":{"uid":"\(Fixture.uid)","name":"arena-1","namespace":"games",
        "constraints":[{"type":"NotInService","effective":true,"message":"...","timeAdded":"2022-05-18T00:00:00Z"}],
        "status":"Created"},
       "response":{"uid":"\(Fixture.uid)","allowed":true,"reason":"match over"}}
      """
    let response = try self.decode(Fixture.question(.deletable), body)
    #expect(response == ReviewResponse(uid: Fixture.uid, allowed: true, reason: "match over"))
  }

  @Test(arguments: [
    "", "null", "[]", "{", "\"text\"", "{}", #"{"response":null}"#, #"{"response":[]}"#, #"{"response":{}}"#,
    #"{"response":{"allowed":true}}"#, #"{"response":{"uid":1,"allowed":true}}"#,
    Fixture.answer(#""reason":"x""#), Fixture.answer(#""allowed":"true""#), Fixture.answer(#""allowed":1"#),
    Fixture.answer(#""allowed":null"#), Fixture.answer(#""allowed":true,"reason":5"#), "<html>",
    Fixture.answer(#""allowed":true"#) + "trailing", String(repeating: "[", count: 100_000),
  ])
  func whatIsNoReviewIsAFailure(_ body: String) {
    #expect { try self.decode(Fixture.question(.readiness), body) } throws: { error in
      guard let failure = error as? WebhookFailure else { return false }
      return failure.reason == .badReview && failure.message.count < 300
    }
  }

  @Test(arguments: [
    #""allowed":true"#, #""allowed":true,"scaling":null"#, #""allowed":true,"scaling":{}"#,
    #""allowed":true,"scaling":{"scale":true}"#, #""allowed":true,"scaling":{"desiredReplicas":5}"#,
    #""allowed":true,"scaling":{"scale":true,"desiredReplicas":-1}"#,
    #""allowed":true,"scaling":{"scale":true,"desiredReplicas":2147483648}"#,
    #""allowed":true,"scaling":{"scale":true,"desiredReplicas":9223372036854775808}"#,
    #""allowed":true,"scaling":{"scale":true,"desiredReplicas":1e400}"#,
    #""allowed":true,"scaling":{"scale":true,"desiredReplicas":5.5}"#,
    #""allowed":true,"scaling":{"scale":true,"desiredReplicas":"5"}"#,
    #""allowed":true,"scaling":{"scale":"true","desiredReplicas":5}"#,
    #""allowed":true,"scaling":{"scale":false,"desiredReplicas":-1}"#,
  ])
  func aScalingDecisionMustBeComplete(_ fields: String) {
    #expect { try self.decode(Fixture.scaling(), Fixture.answer(fields)) } throws: {
      ($0 as? WebhookFailure)?.reason == .badReview
    }
  }

  @Test(
    arguments: [
      (#""allowed":false"#, nil), (#""allowed":false,"scaling":{"scale":true}"#, nil),
      (#""allowed":true,"scaling":{"scale":false}"#, ScalingResponse(scale: false, desiredReplicas: 3)),
      (
        #""allowed":true,"scaling":{"scale":true,"desiredReplicas":2147483647,"x":1},"y":{}"#,
        ScalingResponse(scale: true, desiredReplicas: 2_147_483_647)
      ),
      // Whole by its value, however it is written.
      (
        #""allowed":true,"scaling":{"scale":true,"desiredReplicas":5.0}"#,
        ScalingResponse(scale: true, desiredReplicas: 5)
      ),
      (
        #""allowed":true,"scaling":{"scale":true,"desiredReplicas":2e1}"#,
        ScalingResponse(scale: true, desiredReplicas: 20)
      ),
      (
        #""allowed":true,"scaling":{"scale":true,"desiredReplicas":0}"#,
        ScalingResponse(scale: true, desiredReplicas: 0)
      ),
    ] as [(String, ScalingResponse?)])
  func aScalingDecisionIsUnderstood(_ fields: String, _ decision: ScalingResponse?) throws {
    #expect(try self.decode(Fixture.scaling(), Fixture.answer(fields)).scaling == decision)
  }

  @Test func anotherRequestsAnswerIsToldApart() {
    #expect(throws: WebhookFailure(.uidMismatch, "the response has the uid of another request")) {
      try self.decode(Fixture.question(.readiness), #"{"response":{"uid":"other","allowed":true}}"#)
    }
  }

  @Test func aLongReasonIsCut() throws {
    let reason = String(repeating: "é", count: 5000)
    let response = try self.decode(
      Fixture.question(.readiness), Fixture.answer(#""allowed":true,"reason":"\#(reason)""#))
    #expect(response.reason?.count == 1024)
  }

  // MARK: The peers' formats

  @Test func autoscaleRequest() throws {
    let question = Fixture.scaling(.autoscaleRequest)
    #expect(try self.json(question) == ["game_name": "arena", "current_replicas": 3])
    let response = try self.decode(question, #"{"scale":true,"desired_replicas":7}"#)
    #expect(response.allowed && response.scaling == ScalingResponse(scale: true, desiredReplicas: 7))
    #expect(throws: WebhookFailure(.badReview, "desired_replicas is missing")) {
      try self.decode(question, #"{"scale":true}"#)
    }
  }

  @Test func fleetAutoscaleReview() throws {
    var question = Fixture.scaling(.fleetAutoscaleReview)
    question.request.labels = ["k": "v"]
    question.request.annotations = [:]
    #expect(
      try self.json(question) == [
        "request": [
          "uid": .string(Fixture.uid), "name": "arena", "namespace": "games",
          "status": ["replicas": 3, "readyReplicas": 2, "reservedReplicas": 0, "allocatedReplicas": 1],
          "labels": ["k": "v"],
        ], "response": nil,
      ])
    // Servers of this peer need not send the uid back, and may echo the request or leave it out.
    for body in [
      #"{"request":{"uid":"x"},"response":{"uid":"other","scale":true,"replicas":5}}"#,
      #"{"response":{"scale":true,"replicas":5}}"#,
    ] {
      #expect(try self.decode(question, body).scaling == ScalingResponse(scale: true, desiredReplicas: 5))
    }
    let unchanged = try self.decode(question, #"{"response":{"uid":"x","scale":false,"replicas":0}}"#)
    #expect(!unchanged.allowed && unchanged.scaling?.scale == false)
    #expect(throws: WebhookFailure(.badReview, "response is missing")) {
      try self.decode(question, #"{"request":{}}"#)
    }
  }

  @Test func scaleReview() throws {
    var question = Fixture.scaling(.scaleReview)
    question.request.parameters = ["threshold": "5"]
    #expect(
      try self.json(question) == [
        "request": [
          "uid": .string(Fixture.uid), "name": "arena", "namespace": "games", "parameters": ["threshold": "5"],
          "currentReplicas": 3,
        ], "response": nil,
      ])
    let response = try self.decode(question, #"{"response":{"uid":"\#(Fixture.uid)","scale":true,"replicas":4}}"#)
    #expect(response.scaling == ScalingResponse(scale: true, desiredReplicas: 4))
  }

  @Test(arguments: [ScalingDialect.autoscaleRequest, .fleetAutoscaleReview, .scaleReview])
  func thePeersFormatsAreForScalingOnly(_ dialect: ScalingDialect) {
    var question = Fixture.question(.readiness)
    question.dialect = dialect
    #expect { try question.encoded() } throws: { ($0 as? WebhookFailure)?.reason == .refused }
  }

  // MARK: Damage

  @Test(arguments: ScalingDialect.allCases)
  func damagedAnswersNeverTrap(_ dialect: ScalingDialect) throws {
    let sound = [
      Fixture.answer(#""allowed":true,"reason":"é","scaling":{"scale":true,"desiredReplicas":5}"#),
      #"{"scale":true,"desired_replicas":7}"#, #"{"response":{"uid":"x","scale":true,"replicas":5}}"#,
    ].map { Array($0.utf8) }
    let question = Fixture.scaling(dialect)
    var random = SplitMix64(state: 42)
    for _ in 0..<3000 {
      var bytes = sound.randomElement(using: &random) ?? []
      for _ in 0..<Int.random(in: 1...6, using: &random) {
        let index = Int.random(in: 0..<max(bytes.count, 1), using: &random)
        switch Int.random(in: 0..<4, using: &random) {
        case 0 where !bytes.isEmpty: bytes[index] = UInt8.random(in: 0...255, using: &random)
        case 1 where !bytes.isEmpty: bytes.remove(at: index)
        case 2: bytes.insert(contentsOf: Array("{}[],:\"-0e9\\u".utf8).shuffled(using: &random).prefix(2), at: index)
        default: bytes.removeLast(min(bytes.count, Int.random(in: 0...8, using: &random)))
        }
        if bytes.isEmpty { break }
      }
      do throws(WebhookFailure) {
        let response = try question.decode(bytes)
        #expect(!response.allowed || (0...Int64(Int32.max)).contains(response.scaling?.desiredReplicas ?? -1))
      } catch {
        #expect(error.reason == .badReview || error.reason == .uidMismatch)
      }
    }
  }
}

/// A generator whose sequence is the same each time.
private struct SplitMix64: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    self.state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = self.state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
