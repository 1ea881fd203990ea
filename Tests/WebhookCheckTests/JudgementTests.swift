import KubernetesModel
import Testing
import UmpireModel
import WebhookClient

@testable import WebhookCheck

struct JudgementTests {
  private static let uid = "u-1"

  private func judge(
    _ check: EndpointCheck, _ answers: [ProbeAnswer], type: WebhookType = .readiness,
    dialect: ScalingDialect = .webhookReview
  ) throws -> Verdict {
    let question = ReviewFactory(dialect: dialect).question(type, uid: Self.uid)
    let message = try ProbeMessage(question, "a review")
    return check.judge(answers.map { (message, $0) })
  }

  private static func isFailed(_ verdict: Verdict) -> Bool {
    if case .failed = verdict { true } else { false }
  }

  @Test(arguments: [
    (WebhookType.readiness, #"{"response":{"uid":"u-1","allowed":true}}"#, "allowed"),
    (.deletable, #"{"response":{"uid":"u-1","allowed":false}}"#, "not allowed"),
    (
      .scaling, #"{"response":{"uid":"u-1","allowed":true,"scaling":{"scale":true,"desiredReplicas":7}}}"#, "scale to 7"
    ),
    (.scaling, #"{"response":{"uid":"u-1","allowed":true,"scaling":{"scale":false}}}"#, "do not scale"),
    (.scaling, #"{"response":{"uid":"u-1","allowed":false}}"#, "not allowed"),
    // Another uid is for another line.
    (.readiness, #"{"response":{"uid":"other","allowed":true}}"#, ""),
  ])
  func takesWhatCounts(type: WebhookType, body: String, detail: String) throws {
    for check in [EndpointCheck.answers, .unknownFields, .nulls] {
      #expect(try self.judge(check, [CheckFixture.answer(200, body)], type: type) == .passed(detail))
    }
  }

  @Test(arguments: [
    (CheckFixture.answer(200, "{}"), "response is missing"), (CheckFixture.answer(200, "ok"), "not JSON"),
    (CheckFixture.answer(201, #"{"response":{"uid":"u-1","allowed":true}}"#), "status 201"),
    (CheckFixture.answer(200, #"{"response":{"uid":"u-1","allowed":"yes"}}"#), "response.allowed is neither"),
    (CheckFixture.answer(500, "oh no"), "status 500: oh no"), (CheckFixture.failure(.timeout), "Timeout"),
    (CheckFixture.answer(302), "status 302, no body"),
  ])
  func saysWhatDoesNotCount(answer: ProbeAnswer, received: String) throws {
    for check in [EndpointCheck.answers, .unknownFields, .nulls] {
      guard case .failed(let fault) = try self.judge(check, [answer]) else {
        Issue.record("\(check) passed")
        return
      }
      #expect(fault.sent == "a review")
      #expect(fault.received.contains(received), "\(fault.received)")
    }
  }

  @Test func takesTheDialectsOwnAnswers() throws {
    for (dialect, body) in [
      (ScalingDialect.autoscaleRequest, #"{"scale":true,"desired_replicas":3}"#),
      (.fleetAutoscaleReview, #"{"response":{"scale":true,"replicas":3}}"#),
      (.scaleReview, #"{"response":{"scale":true,"replicas":3}}"#),
    ] {
      let verdict = try self.judge(.answers, [CheckFixture.answer(200, body)], type: .scaling, dialect: dialect)
      #expect(verdict == .passed("scale to 3"))
    }
  }

  @Test func theUIDComesBack() throws {
    #expect(try self.judge(.uid, [CheckFixture.answer(200, #"{"response":{"uid":"u-1"}}"#)]) == .passed(""))
    for body in ["", "{}", #"{"response":{"uid":"u-2"}}"#, #"{"request":{"uid":"u-1"},"response":{}}"#] {
      let verdict = try self.judge(.uid, [CheckFixture.answer(200, body)])
      #expect(Self.isFailed(verdict))
    }
  }

  @Test(arguments: [
    EndpointCheck.notJSON, .wrongTypes, .missingUID, .get, .unsigned, .wrongSignature, .staleSignature,
  ])
  func aRefusalIsAnyStatusFrom400To499(check: EndpointCheck) throws {
    for status in [400, 401, 405, 422, 499] {
      #expect(try self.judge(check, [CheckFixture.answer(status)]) == .passed("status \(status)"))
    }
    for answer in [
      CheckFixture.answer(200, "{}"), CheckFixture.answer(302), CheckFixture.answer(500),
      CheckFixture.failure(.connect),
    ] {
      #expect(Self.isFailed(try self.judge(check, [answer])))
    }
  }

  @Test func aReplayIsAcceptedOnceAndThenRefused() throws {
    let good = CheckFixture.answer(200, #"{"response":{"uid":"u-1","allowed":true}}"#)
    #expect(try self.judge(.replay, [good, CheckFixture.answer(401)]) == .passed("status 401"))
    #expect(Self.isFailed(try self.judge(.replay, [good, good])))
    #expect(Self.isFailed(try self.judge(.replay, [CheckFixture.answer(401), CheckFixture.answer(401)])))
  }

  @Test func aRepeatedQuestionHasOneAnswer() throws {
    func answer(_ allowed: Bool, _ reason: String) -> ProbeAnswer {
      CheckFixture.answer(200, #"{"response":{"uid":"u-1","allowed":\#(allowed),"reason":"\#(reason)"}}"#)
    }
    #expect(try self.judge(.repetition, [answer(true, "a"), answer(true, "b")]) == .passed(""))
    #expect(Self.isFailed(try self.judge(.repetition, [answer(true, "a"), answer(false, "a")])))
    #expect(Self.isFailed(try self.judge(.repetition, [answer(true, "a"), CheckFixture.answer(409)])))
  }

  @Test func theCallerIsToldWhatItLacks() throws {
    func remedy(_ answer: ProbeAnswer) throws -> String? {
      guard case .failed(let fault) = try self.judge(.answers, [answer]) else { return nil }
      return fault.remedy
    }
    #expect(try remedy(CheckFixture.answer(401))?.contains("--secret") == true)
    #expect(try remedy(CheckFixture.failure(.tls))?.contains("--ca") == true)
    #expect(try remedy(CheckFixture.failure(.connect))?.contains("port") == true)
    #expect(try remedy(CheckFixture.answer(500)) == nil)
  }

  @Test func connectionsAreToBeKept() {
    #expect(EndpointCheck.judgeConnections(opened: 0, reviews: 8) == .passed("0 opened for 8 reviews"))
    #expect(EndpointCheck.judgeConnections(opened: 1, reviews: 8) == .passed("1 opened for 8 reviews"))
    #expect(Self.isFailed(EndpointCheck.judgeConnections(opened: 8, reviews: 8)))
    #expect(EndpointCheck.judgeConnections(opened: nil, reviews: 8) == .skipped("connections cannot be counted"))
  }
}
