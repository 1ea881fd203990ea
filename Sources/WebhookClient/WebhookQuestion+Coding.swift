import KubernetesModel
package import UmpireModel

extension WebhookQuestion {
  /// The body to send.
  ///
  /// - Throws: ``WebhookFailure`` with reason `Refused` if the dialect cannot ask this.
  package func encoded() throws(WebhookFailure) -> [UInt8] {
    switch self.dialect {
    case .webhookReview:
      do {
        return try ReviewText(self.request).bytes
      } catch {
        throw WebhookFailure(.refused, "the request cannot be written as JSON")
      }
    case .autoscaleRequest:
      let scaling = try self.scaling()
      let json: JSONValue = [
        "game_name": .string(scaling.gameName), "current_replicas": .integer(scaling.currentReplicas),
      ]
      return json.serialized()
    case .fleetAutoscaleReview:
      let scaling = try self.scaling()
      var json = self.identity()
      json["status"] = [
        "replicas": .integer(scaling.currentReplicas), "readyReplicas": .integer(scaling.readyReplicas),
        "reservedReplicas": 0, "allocatedReplicas": .integer(self.allocatedReplicas),
      ]
      json["labels"] = Self.strings(self.request.labels)
      json["annotations"] = Self.strings(self.request.annotations)
      return JSONValue.object(["request": json, "response": .null]).serialized()
    case .scaleReview:
      let scaling = try self.scaling()
      var json = self.identity()
      json["parameters"] = Self.strings(self.request.parameters)
      json["currentReplicas"] = .integer(scaling.currentReplicas)
      return JSONValue.object(["request": json, "response": .null]).serialized()
    }
  }

  /// Reads an answer.
  ///
  /// - Throws: ``WebhookFailure`` with reason `BadReview` or `UIDMismatch`.
  package func decode(_ body: [UInt8]) throws(WebhookFailure) -> ReviewResponse {
    let json: JSONValue
    do {
      json = try JSONValue(parsing: body)
    } catch {
      throw WebhookFailure(.badReview, "the answer is not JSON: \(Excerpt.of(error.description))")
    }
    switch self.dialect {
    case .webhookReview:
      return try self.decodeReview(json)
    case .autoscaleRequest:
      return try self.decodeScaling(AnswerField(json, path: "the answer"), number: "desired_replicas")
    case .fleetAutoscaleReview, .scaleReview:
      // These peers' own clients do not compare the uid, and servers written for them need not send it back.
      let response = try AnswerField(json, path: "the answer").field("response", name: "response")
      return try self.decodeScaling(response, number: "replicas")
    }
  }

  private func decodeReview(_ json: JSONValue) throws(WebhookFailure) -> ReviewResponse {
    let field = try AnswerField(json, path: "the answer").field("response", name: "response")
    let uid = try field.string("uid")
    guard uid == self.request.uid else {
      throw WebhookFailure(.uidMismatch, "the response has the uid of another request")
    }
    var response = ReviewResponse(uid: uid, allowed: try field.bool("allowed"), reason: try field.reason("reason"))
    guard self.request.type == .scaling, response.allowed else { return response }
    let scaling = try field.field("scaling", name: "response.scaling")
    response.scaling = try self.decodeDecision(scaling, number: "desiredReplicas")
    return response
  }

  private func decodeScaling(_ field: AnswerField, number: String) throws(WebhookFailure) -> ReviewResponse {
    let decision = try self.decodeDecision(field, number: number)
    return ReviewResponse(uid: self.request.uid, allowed: decision.scale, reason: nil, scaling: decision)
  }

  private func decodeDecision(_ field: AnswerField, number: String) throws(WebhookFailure) -> ScalingResponse {
    // Without a wish to scale the number says nothing, and need not be there.
    guard try field.bool("scale") else {
      return ScalingResponse(
        scale: false, desiredReplicas: try field.replicasIfPresent(number) ?? self.request.scaling?.currentReplicas ?? 0
      )
    }
    return ScalingResponse(scale: true, desiredReplicas: try field.replicas(number))
  }

  private func scaling() throws(WebhookFailure) -> ScalingRequest {
    guard let scaling = self.request.scaling else {
      throw WebhookFailure(.refused, "the dialect \(self.dialect.rawValue) is for scaling only")
    }
    return scaling
  }

  private func identity() -> JSONValue {
    [
      "uid": .string(self.request.uid), "name": .string(self.request.name),
      "namespace": .string(self.request.namespace),
    ]
  }

  private static func strings(_ values: [String: String]?) -> JSONValue? {
    guard let values, !values.isEmpty else { return nil }
    return .object(values.mapValues { .string($0) })
  }
}

/// An object in an answer, with its name for messages.
private struct AnswerField {
  private static let reasonLimit = 1024
  private let fields: [String: JSONValue]
  private let path: String

  init(_ json: JSONValue, path: String) throws(WebhookFailure) {
    guard let fields = json.objectValue else { throw WebhookFailure(.badReview, "\(path) is not an object") }
    self.fields = fields
    self.path = path
  }

  func field(_ key: String, name: String) throws(WebhookFailure) -> AnswerField {
    try AnswerField(try self.value(key), path: name)
  }

  func string(_ key: String) throws(WebhookFailure) -> String {
    guard let string = try self.value(key).stringValue else { throw self.failure(key, "is not a string") }
    return string
  }

  func bool(_ key: String) throws(WebhookFailure) -> Bool {
    guard let bool = try self.value(key).boolValue else { throw self.failure(key, "is neither true nor false") }
    return bool
  }

  /// A sentence, cut to what a condition can show; nil if it is absent.
  func reason(_ key: String) throws(WebhookFailure) -> String? {
    guard let value = self.fields[key], !value.isNull else { return nil }
    guard let string = value.stringValue else { throw self.failure(key, "is not a string") }
    guard string.utf8.count > Self.reasonLimit else { return string }
    return String(String.UnicodeScalarView(string.unicodeScalars.prefix(Self.reasonLimit)))
  }

  func replicas(_ key: String) throws(WebhookFailure) -> Int64 {
    let value = try self.value(key)
    guard let number = Self.whole(value), (0...Int64(Int32.max)).contains(number) else {
      // A number is short; anything else may be of any length, and may hold anything.
      let sent =
        if case .double(let double) = value { ", but \(double)" } else {
          value.integerValue.map { ", but \($0)" } ?? ""
        }
      throw self.failure(key, "is not a whole number from 0 to \(Int32.max)\(sent)")
    }
    return number
  }

  /// A whole number however it is written: some languages write 5 as 5.0 or 5e0.
  private static func whole(_ value: JSONValue) -> Int64? {
    if case .double(let double) = value { return Int64(exactly: double) }
    return value.integerValue
  }

  func replicasIfPresent(_ key: String) throws(WebhookFailure) -> Int64? {
    guard let value = self.fields[key], !value.isNull else { return nil }
    return try self.replicas(key)
  }

  private func value(_ key: String) throws(WebhookFailure) -> JSONValue {
    guard let value = self.fields[key], !value.isNull else { throw self.failure(key, "is missing") }
    return value
  }

  private func failure(_ key: String, _ what: String) -> WebhookFailure {
    WebhookFailure(.badReview, self.path == "the answer" ? "\(key) \(what)" : "\(self.path).\(key) \(what)")
  }
}
