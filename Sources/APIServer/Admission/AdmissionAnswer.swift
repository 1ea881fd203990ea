import FoundationEssentials
import KubernetesModel

/// What a webhook answered.
struct AdmissionAnswer: Sendable {
  var isAllowed: Bool
  /// What a refusal is told with; null if there is nothing.
  var status: JSONValue
  var warnings: [String]
  /// What is to be changed; nil for nothing.
  var patch: JSONPatch?

  /// Reads an answer to the question of an uid.
  ///
  /// - Throws: ``AdmissionCallError`` for what is no answer to it.
  init(_ bytes: [UInt8], uid: String, isMutating: Bool) throws(AdmissionCallError) {
    let review: JSONValue
    do {
      review = try JSONValue(parsing: bytes)
    } catch {
      throw AdmissionCallError("failed to call webhook: couldn't get version/kind; json parse error: \(error)")
    }
    do {
      self = try Self.read(review, uid: uid, isMutating: isMutating)
    } catch {
      throw AdmissionCallError("received invalid webhook response: \(error.reason)")
    }
    do {
      self.patch = try Self.patch(review["response"]?["patch"]?.stringValue ?? "")
    } catch {
      throw AdmissionCallError("received undecodable patch in webhook response: \(error.reason)")
    }
  }

  private init(isAllowed: Bool, status: JSONValue, warnings: [String]) {
    self.isAllowed = isAllowed
    self.status = status
    self.warnings = warnings
  }

  private static func read(
    _ review: JSONValue, uid: String, isMutating: Bool
  ) throws(AdmissionCallError) -> AdmissionAnswer {
    let version = review["apiVersion"]?.stringValue ?? ""
    let kind = review["kind"]?.stringValue ?? ""
    guard version == "admission.k8s.io/v1", kind == "AdmissionReview" else {
      throw AdmissionCallError(
        "expected webhook response of admission.k8s.io/v1, Kind=AdmissionReview, got \(version.excerpt), "
          + "Kind=\(kind.excerpt)")
    }
    guard let response = review["response"], response.objectValue != nil else {
      throw AdmissionCallError("webhook response was absent")
    }
    let answered = response["uid"]?.stringValue ?? ""
    guard answered == uid else {
      throw AdmissionCallError("expected response.uid=\"\(uid)\", got \"\(answered.excerpt)\"")
    }
    let hasPatch = !(response["patch"]?.stringValue ?? "").isEmpty
    let type = response["patchType"] ?? .null
    if isMutating {
      if hasPatch, type.isNull {
        throw AdmissionCallError("webhook returned response.patch but not response.patchType")
      }
      if !hasPatch, !type.isNull {
        throw AdmissionCallError("webhook returned response.patchType but not response.patch")
      }
      if hasPatch, type != "JSONPatch" {
        throw AdmissionCallError("webhook returned invalid response.patchType of \(FieldFault.text(type))")
      }
    } else {
      if hasPatch { throw AdmissionCallError("validating webhook may not return response.patch") }
      if !type.isNull { throw AdmissionCallError("validating webhook may not return response.patchType") }
    }
    return AdmissionAnswer(
      isAllowed: response["allowed"] == true, status: response["status"] ?? .null,
      warnings: (response["warnings"]?.arrayValue ?? []).compactMap(\.stringValue))
  }

  private static func patch(_ text: String) throws(AdmissionCallError) -> JSONPatch? {
    guard !text.isEmpty else { return nil }
    guard let data = Data(base64Encoded: text) else { throw AdmissionCallError("it is not base64") }
    do {
      let json = try JSONValue(parsing: Array(data))
      return json == [] ? nil : try JSONPatch(json)
    } catch {
      throw AdmissionCallError("\(error)")
    }
  }
}

/// Why a webhook could not be asked, or gave no answer.
struct AdmissionCallError: Error, Sendable, Hashable {
  /// It follows the webhook's name in messages.
  var reason: String

  init(_ reason: String) { self.reason = reason }
}

extension String {
  /// The beginning, in one line, of a text that somebody else wrote.
  var excerpt: String {
    String(String.UnicodeScalarView(self.unicodeScalars.prefix(256).map { $0.isControl ? " " : $0 }))
  }
}

extension Unicode.Scalar {
  /// Whether it could end a line or do worse.
  var isControl: Bool { self.properties.generalCategory == .control || self == "\u{2028}" || self == "\u{2029}" }
}
