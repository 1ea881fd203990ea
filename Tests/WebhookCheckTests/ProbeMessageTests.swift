import HTTPTypes
import KubernetesModel
import Testing
import UmpireModel
import WebhookClient

@testable import WebhookCheck

struct ProbeMessageTests {
  private func json(
    _ check: EndpointCheck, _ type: WebhookType, _ dialect: ScalingDialect = .webhookReview
  ) throws -> JSONValue {
    let messages = try ProbeMessage.messages(for: check, type: type, ReviewFactory(dialect: dialect))
    return try JSONValue(parsing: try #require(messages.last).body)
  }

  @Test func addsWhatNobodyKnowsAtEveryDepth() throws {
    let review = try self.json(.unknownFields, .scaling)
    #expect(review["umpireCheck"] != nil)
    #expect(review["request"]?["umpireCheck"] != nil)
    #expect(review["request"]?["scaling"]?["umpireCheck"] != nil)
    #expect(review["request"]?["scaling"]?["currentReplicas"] == 2)
    let flat = try self.json(.unknownFields, .scaling, .autoscaleRequest)
    #expect(flat["umpireCheck"] != nil && flat["game_name"] == "umpire-check")
  }

  @Test(arguments: WebhookType.allCases)
  func setsToNullWhatMayBeAbsentAndNothingElse(type: WebhookType) throws {
    let request = try #require(try self.json(.nulls, type)["request"])
    for field in ["status", "labels", "annotations", "parameters"] { #expect(request[field] == .null, "\(field)") }
    #expect((request["scaling"] == .null) == (type != .scaling))
    #expect((request["constraints"] == .null) == (type != .constraint))
    for field in ["uid", "name", "namespace", "type"] { #expect(request[field]?.stringValue != nil, "\(field)") }
    if type == .constraint {
      #expect(request["constraints"]?[0]?["type"] == "NotInService")
      #expect(request["constraints"]?[0]?["timeAdded"] == .null)
    }
  }

  @Test func spoilsOneThingAtATime() throws {
    let wrong = try self.json(.wrongTypes, .readiness)
    #expect(wrong["request"]?["uid"] == 1)
    let missing = try self.json(.missingUID, .readiness)
    #expect(missing["request"]?["uid"] == nil && missing["request"]?["name"] == "umpire-check")
    #expect(try self.json(.wrongTypes, .scaling, .autoscaleRequest)["current_replicas"] == "many")
    let factory = ReviewFactory()
    let notJSON = try #require(try ProbeMessage.messages(for: .notJSON, type: .readiness, factory).last)
    #expect(throws: JSONError.self) { try JSONValue(parsing: notJSON.body) }
    let get = try #require(try ProbeMessage.messages(for: .get, type: .readiness, factory).last)
    #expect(get.method == .get && get.body.isEmpty)
  }

  @Test func repeatsTheUIDButNotTheMessage() throws {
    let factory = ReviewFactory()
    let repetition = try ProbeMessage.messages(for: .repetition, type: .readiness, factory)
    #expect(repetition.count == 2 && repetition[0].body == repetition[1].body && repetition[0].signing == .right)
    let replay = try ProbeMessage.messages(for: .replay, type: .readiness, factory)
    guard case .repeated(let id) = replay[0].signing else {
      Issue.record("a replay has one id")
      return
    }
    #expect(!id.isEmpty && replay == [replay[0], replay[0]])
    let uids = try (0..<10).map { _ in
      try ProbeMessage.messages(for: .answers, type: .readiness, factory)[0].question.request.uid
    }
    #expect(Set(uids).count == 10)
  }
}
