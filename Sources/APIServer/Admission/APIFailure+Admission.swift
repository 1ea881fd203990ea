import KubernetesModel

extension APIFailure {
  /// What a webhook refused, in its own words behind its name.
  ///
  /// - Parameter status: the Status that it gave; null for none.
  static func denied(by webhook: String, _ status: JSONValue) -> APIFailure {
    let reason = status["reason"]?.stringValue ?? ""
    let message = status["message"]?.stringValue ?? ""
    let explanation = message.isEmpty ? reason : message
    let code = status["code"]?.integerValue ?? 0
    var failure = APIFailure(
      // A refusal must not look like a success.
      (400...599).contains(code) ? Int(code) : 400, reason,
      "admission webhook \"\(webhook)\" denied the request"
        + (explanation.isEmpty ? " without explanation" : ": \(explanation)"),
      details: status["details"].flatMap { $0.objectValue == nil ? nil : $0 })
    failure.isOfWebhook = true
    return failure
  }

  /// The conditions of a webhook that must be asked have no value.
  static func unevaluated(_ fault: String, _ subject: AdmissionSubject) -> APIFailure {
    var failure = APIFailure.forbidden(subject.resource.name, subject.name, fault)
    failure.isOfWebhook = true
    return failure
  }

  /// A webhook that must be asked could not be.
  static func failedCalling(_ webhook: String, _ error: AdmissionCallError) -> APIFailure {
    .faultOfWebhook("failed calling webhook \"\(webhook)\": \(error.reason)")
  }

  /// A failure that is a webhook's, and not the client's.
  static func faultOfWebhook(_ message: String) -> APIFailure {
    var failure = APIFailure(
      500, "InternalError", "Internal error occurred: \(message)", details: ["causes": [["message": .string(message)]]])
    failure.isOfWebhook = true
    return failure
  }

  static func dryRunUnsupported(by webhook: String) -> APIFailure {
    .badRequest("admission webhook \"\(webhook)\" does not support dry run")
  }
}
