import KubernetesModel
import UmpireModel

/// Whether whoever changes a Server may do so: no Pod of a Server changes another Server.
///
/// All sidecars of a namespace have one service account, so roles let each of them write to every Server; and in a Pod
/// that a player has broken into, the sidecar's token can be read. The token says whose it is. People, and Pods that are
/// no Server's, such as a studio's own tools, may do what their roles let them do.
///
/// Pure.
enum WriterVerdict {
  /// The Pod that is to be looked up before a request is answered; nil if it may pass as it is.
  ///
  /// A Server's Pod has a name that only it can have, so nothing is looked up for what sidecars write in earnest.
  static func suspect(of request: AdmissionRequest) -> CallingPod? {
    guard request.operation == .update || request.operation == .delete,
      request.resource.group == Server.resourceType.group, request.resource.resource == Server.resourceType.plural,
      let caller = CallingPod(request.userInfo),
      caller.key != ObjectKey(namespace: request.namespace, name: Server.podName(server: request.nameOfOldObject))
    else { return nil }
    return caller
  }

  /// Answers a request of a Pod that is not the Server's own.
  ///
  /// - Parameter pod: what the API server has under the name; nil if there is nothing.
  static func response(to request: AdmissionRequest, of caller: CallingPod, _ pod: Pod?) -> AdmissionResponse {
    let name = request.nameOfOldObject
    let deed = request.operation == .delete ? "delete" : "change"
    // A token lasts no longer than its Pod, so this locks nobody out who is still there, and nobody slips through by having
    // the Pod removed.
    guard let pod, caller.uid == nil || pod.metadata.uid == caller.uid else {
      return Self.refusal(
        of: request, "Pod \"\(caller.key.name)\" is gone and may not \(deed) Server \"\(name)\", which is not its own")
    }
    guard let own = Self.server(of: pod) else { return AdmissionResponse(uid: request.uid, allowed: true) }
    return Self.refusal(
      of: request, "Pod \"\(caller.key.name)\" is that of Server \"\(own)\" and may not \(deed) Server \"\(name)\"")
  }

  /// The name of the Server that a Pod belongs to; nil if it is no Server's.
  static func server(of pod: Pod) -> String? {
    let owner = pod.metadata.controller.flatMap { $0.isServer ? $0.name : nil }
    // With the right to change Pods, as plugins may have it, a Pod can disown itself. Its containers keep their names.
    let hasSidecar = (pod.spec.initContainers + pod.spec.containers).contains { $0.name == SidecarSpec.containerName }
    guard owner != nil || hasSidecar else { return nil }
    let name = pod.metadata.name ?? ""
    let suffix = Server.podName(server: "")
    return name.hasSuffix(suffix) ? String(name.dropLast(suffix.count)) : owner ?? name
  }

  /// Refuses a change of a Pod's own Server.
  static func refusal(of request: AdmissionRequest, excess field: String, by pod: String) -> AdmissionResponse {
    Self.refusal(of: request, "Pod \"\(pod)\" may not change \(field) of its own Server \"\(request.nameOfOldObject)\"")
  }

  private static func refusal(of request: AdmissionRequest, _ message: String) -> AdmissionResponse {
    AdmissionResponse(
      uid: request.uid, allowed: false,
      status: Status(
        code: 403, reason: "Forbidden", message: message,
        details: Status.Details(
          name: request.nameOfOldObject, group: request.kind.group, kind: request.kind.kind)))
  }
}

extension OwnerReference {
  /// Whether the owner is a Server, in whatever version.
  fileprivate var isServer: Bool {
    self.kind == Server.resourceType.kind && self.apiVersion.hasPrefix("\(Server.resourceType.group)/")
  }
}
