package import HTTPTypes
import KubernetesModel
package import UmpireModel
package import WebhookClient

/// One HTTP message to an endpoint, before it is signed.
package struct ProbeMessage: Sendable, Hashable {
  /// What an answer must fit.
  package var question: WebhookQuestion
  /// POST, unless that is what is tried out.
  package var method: HTTPRequest.Method = .post
  /// What is sent.
  package var body: [UInt8]
  /// How it is signed, if there is a secret.
  package var signing: Signing = .right
  /// What it is, for a person.
  package var summary: String

  /// How a message is signed.
  package enum Signing: Sendable, Hashable {
    /// As it should be.
    case right
    /// Not at all.
    case none
    /// By a secret that nobody knows.
    case wrong
    /// As it should have been ten minutes ago.
    case stale
    /// With this id, twice if it is sent twice.
    case repeated(id: String)
  }

  /// - Throws: ``WebhookFailure`` if the dialect cannot ask the question.
  init(_ question: WebhookQuestion, _ summary: String) throws(WebhookFailure) {
    self.question = question
    self.body = try question.encoded()
    self.summary = summary
  }

  /// What is sent in turn for a check, with a fresh uid; nothing for checks that measure.
  ///
  /// - Throws: ``WebhookFailure`` if the dialect cannot ask this type.
  package static func messages(
    for check: EndpointCheck, type: WebhookType, _ factory: ReviewFactory
  ) throws(WebhookFailure) -> [ProbeMessage] {
    var message = try ProbeMessage(factory.question(type), "a \(type.rawValue) review")
    switch check {
    case .deadline, .connections: return []
    case .answers, .uid: ()
    case .unknownFields:
      message.changeBody { Self.addUnknown(to: &$0) }
      message.summary += " with unknown fields"
    case .nulls:
      let question = message.question
      message.changeBody { Self.addNulls(to: &$0, question: question) }
      message.summary += " with null in optional fields"
    case .notJSON:
      message.body = Array(#"{"request": {"uid": "#.utf8) + Array(message.question.request.uid.utf8)
      message.summary = "a body that is not JSON"
    case .wrongTypes:
      message.changeBody { Self.spoilTypes(of: &$0) }
      message.summary += " whose fields have the wrong types"
    case .missingUID:
      message.changeBody { $0["request"]?["uid"] = nil }
      message.summary += " without a uid"
    case .get:
      message.method = .get
      message.body = []
      message.summary = "GET"
    case .repetition:
      return [message, message]
    case .unsigned:
      message.signing = .none
      message.summary += " without a signature"
    case .wrongSignature:
      message.signing = .wrong
      message.summary += " signed with another secret"
    case .staleSignature:
      message.signing = .stale
      message.summary += " signed ten minutes ago"
    case .replay:
      message.signing = .repeated(id: ReviewRequest.freshUID())
      return [message, message]
    }
    return [message]
  }

  private mutating func changeBody(_ change: (inout JSONValue) -> Void) {
    // What was encoded a moment ago parses.
    guard var json = try? JSONValue(parsing: self.body) else { return }
    change(&json)
    self.body = json.serialized()
  }

  private static let unknown: JSONValue = ["later": [1, nil, "text", ["deep": true]]]

  private static func addUnknown(to json: inout JSONValue) {
    json["umpireCheck"] = Self.unknown
    guard json["request"] != nil else { return }
    json["request"]?["umpireCheck"] = Self.unknown
    if json["request"]?["scaling"] != nil { json["request"]?["scaling"]?["umpireCheck"] = Self.unknown }
  }

  private static func addNulls(to json: inout JSONValue, question: WebhookQuestion) {
    switch question.dialect {
    case .autoscaleRequest: ()
    case .fleetAutoscaleReview:
      for field in ["labels", "annotations"] { json["request"]?[field] = .null }
    case .scaleReview:
      json["request"]?["parameters"] = .null
    case .webhookReview:
      for field in ["status", "constraints", "labels", "annotations", "parameters", "scaling"] {
        let isNeeded =
          field == "scaling" && question.request.type == .scaling
          || field == "constraints" && question.request.type == .constraint
        if !isNeeded { json["request"]?[field] = .null }
      }
      if question.request.type == .constraint {
        json["request"]?["constraints"] = [
          ["type": "NotInService", "effective": nil, "message": nil, "timeAdded": nil]
        ]
      }
    }
  }

  private static func spoilTypes(of json: inout JSONValue) {
    guard json["request"] != nil else {
      json = ["game_name": 1, "current_replicas": "many"]
      return
    }
    json["request"]?["uid"] = 1
    json["request"]?["name"] = [["a": nil]]
    json["request"]?["namespace"] = true
  }
}
