import KubernetesModel
import UmpireModel

/// How deletions are answered.
///
/// A Server that is deleted in the foreground waits for its Pod, which the garbage collector therefore deletes at once,
/// past every gate. It asks for this itself when an owner of the Server is deleted in the foreground, and tries
/// again later; meanwhile the controller deletes the Server so that its own rules count.
///
/// Pure.
enum DeletionVerdict {
  /// Why a request may not pass; nil if it may, or is not about the deletion of a Server.
  static func refusal(of request: AdmissionRequest) -> AdmissionResponse? {
    // Without a policy, or with `orphanDependents`, no dependent is waited for.
    guard request.operation == .delete, request.isOfServer, request.options?["propagationPolicy"] == "Foreground",
      !Self.needsNoPermission(request.oldObject?["spec"])
    else { return nil }
    let name = request.nameOfOldObject
    let message =
      "Server \"\(name)\" takes its Pod along by its own rules and stays until it is gone; "
      + "delete it without --cascade=foreground"
    return AdmissionResponse(
      uid: request.uid, allowed: false,
      status: Status(
        code: 403, reason: "Forbidden", message: message,
        details: Status.Details(name: name.isEmpty ? nil : name, group: request.kind.group, kind: request.kind.kind)))
  }

  /// Whether a Server's Pod may go whoever plays there.
  private static func needsNoPermission(_ spec: JSONValue?) -> Bool {
    spec?["allowForceDelete"] == true || spec?["opsState"]?.stringValue == OpsState.kill.rawValue
  }
}

extension AdmissionRequest {
  /// The name of the object as it is; empty if there is none.
  ///
  /// Of a collection that is deleted, only the objects have names.
  var nameOfOldObject: String {
    [self.name, self.oldObject?["metadata"]?["name"]?.stringValue].lazy.compactMap { $0 }.first { !$0.isEmpty } ?? ""
  }

  /// Whether it is about a whole Server.
  fileprivate var isOfServer: Bool {
    self.subResource?.isEmpty ?? true && self.kind.group == Server.resourceType.group
      && self.kind.kind == Server.resourceType.kind
  }
}
