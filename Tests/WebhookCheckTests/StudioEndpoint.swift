import Cryptography
import FoundationEssentials
import HTTPTransport
import HTTPTypes
import KubernetesModel
import Synchronization
import TestSupport
import UmpireModel

@testable import WebhookCheck

/// An endpoint as a studio could have written it: right in everything but its faults.
final class StudioEndpoint: Sendable {
  private struct State {
    var reviews = 0
    var ids: Set<String> = []
  }

  private let faults: Set<EndpointCheck>
  private let types: Set<WebhookType>
  private let secrets: [WebhookSecret]
  private let state = Mutex(State())

  init(
    faults: Set<EndpointCheck> = [], types: Set<WebhookType> = Set(WebhookType.allCases),
    secrets: [WebhookSecret] = []
  ) {
    self.faults = faults
    self.types = types
    self.secrets = secrets
  }

  /// How many connections it took, were there any.
  var connections: Int { self.faults.contains(.connections) ? self.state.withLock { $0.reviews } : 1 }

  func answer(_ request: TransportRequest) -> ScriptedTransport.Answer {
    let reviews = self.state.withLock { state in
      state.reviews += 1
      return state.reviews
    }
    guard request.head.method == .post else {
      return self.faults.contains(.get) ? .body("{}") : .body("", status: .methodNotAllowed)
    }
    guard self.secrets.isEmpty || self.isBelieved(request) else { return .body("who?", status: .unauthorized) }
    guard let json = try? JSONValue(parsing: request.body) else {
      return self.refusal(unless: .notJSON)
    }
    guard let uid = json["request"]?["uid"], !uid.isNull else { return self.refusal(unless: .missingUID) }
    guard uid.stringValue != nil else { return self.refusal(unless: .wrongTypes) }
    let type = json["request"]?["type"]?.stringValue.flatMap(WebhookType.init)
    guard let type, self.types.contains(type) else { return .body("not here", status: .notFound) }
    if self.faults.contains(.unknownFields), json["umpireCheck"] != nil { return .body("what?", status: .badRequest) }
    if self.faults.contains(.nulls), json["request"]?.objectValue?.values.contains(.null) == true {
      return .body("nil", status: .internalServerError)
    }
    // For a while only, so that what is asked afterwards has its own answer.
    if self.faults.contains(.deadline), (101...150).contains(reviews) {
      return .body("busy", status: .serviceUnavailable)
    }
    if self.faults.contains(.answers) { return .body(#"{"request":{},"response":null}"#) }
    let returned: JSONValue = self.faults.contains(.uid) ? "another" : uid
    let isAllowed = !self.faults.contains(.repetition) || reviews % 2 == 0
    let response: JSONValue = [
      "uid": returned, "allowed": .bool(isAllowed), "scaling": ["scale": .bool(isAllowed), "desiredReplicas": 5],
    ]
    return .body(String(decoding: JSONValue.object(["response": response]).serialized(), as: UTF8.self))
  }

  private func refusal(unless fault: EndpointCheck) -> ScriptedTransport.Answer {
    self.faults.contains(fault) ? .body("{}") : .body("what?", status: .badRequest)
  }

  private func isBelieved(_ request: TransportRequest) -> Bool {
    func field(_ name: String) -> String? { HTTPField.Name(name).flatMap { request.head.headerFields[$0] } }
    do throws(WebhookSignature.Fault) {
      let signature = try WebhookSignature(
        id: field(WebhookSignature.Field.id), timestamp: field(WebhookSignature.Field.timestamp),
        signatures: field(WebhookSignature.Field.signature))
      try signature.verify(body: request.body, secrets: self.secrets, now: Int64(Date().timeIntervalSince1970))
      return self.state.withLock { $0.ids.insert(signature.id).inserted } || self.faults.contains(.replay)
    } catch {
      switch error {
      case .malformed: return self.faults.contains(.unsigned)
      case .stale, .early: return self.faults.contains(.staleSignature)
      case .wrong: return self.faults.contains(.wrongSignature)
      }
    }
  }
}
