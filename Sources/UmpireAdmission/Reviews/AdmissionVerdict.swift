import FoundationEssentials
import KubernetesModel
import UmpireModel

/// How requests are answered.
///
/// Pure.
enum AdmissionVerdict {
  /// kube-apiserver cuts longer warnings itself, and drops them beyond 4096 characters in all.
  static let longestWarning = 256
  static let mostWarnings = 15
  /// More faults than this help nobody.
  static let mostFaults = 100

  /// Lets a request pass unless there are errors.
  static func response(to request: AdmissionRequest, _ problems: [FieldProblem]) -> AdmissionResponse {
    let errors = problems.errors
    let warnings = problems.warnings.prefix(Self.mostWarnings).map { Self.cut($0.description) }
    guard errors.isEmpty else {
      return AdmissionResponse(
        uid: request.uid, allowed: false, status: Self.status(of: request, Array(errors.prefix(Self.mostFaults))),
        warnings: warnings)
    }
    return AdmissionResponse(uid: request.uid, allowed: true, warnings: warnings)
  }

  /// The refusal, as kube-apiserver would tell it of an object that its schema refuses.
  private static func status(of request: AdmissionRequest, _ faults: [FieldFault]) -> Status {
    let metadata = request.object?["metadata"]
    let name =
      [request.name, metadata?["name"]?.stringValue, metadata?["generateName"]?.stringValue]
      .lazy.compactMap { $0 }.first { !$0.isEmpty } ?? ""
    let kind = request.kind
    return Status(
      code: 422, reason: "Invalid",
      message: "\(kind.kind).\(kind.group) \"\(name)\" is invalid: \(FieldFault.summary(of: faults))",
      details: Status.Details(
        name: name.isEmpty ? nil : name, group: kind.group, kind: kind.kind, causes: faults.map(Status.Cause.init)))
  }

  /// Fills in what the object leaves out.
  static func defaults(of request: AdmissionRequest) -> AdmissionResponse {
    var response = AdmissionResponse(uid: request.uid, allowed: true)
    guard let json = request.judgedObject,
      // What cannot be read is refused later, with its reason.
      let object = try? UmpireObject(json, kind: request.kind.kind),
      let patch = try? object.defaults(missingIn: json), !patch.operations.isEmpty
    else { return response }
    response.patch = Data(patch.json.serialized()).base64EncodedString()
    response.patchType = "JSONPatch"
    return response
  }

  private static func cut(_ text: String) -> String {
    guard text.unicodeScalars.count > Self.longestWarning else { return text }
    return String(text.unicodeScalars.prefix(Self.longestWarning - 1)) + "…"
  }
}
