import KubernetesModel
import UmpireModel

/// Whether a Server's Pod may change what it changes of its own Server.
///
/// A role lets a sidecar patch its Server whole, for the labels and annotations that a game sets. With the rest of it a game
/// server that a player has broken into could harm others: one that leaves its Fleet and comes back has another Server of
/// the Fleet sent away.
///
/// Pure.
enum OwnWriteVerdict {
  /// What a Pod changes of its own Server and must not; nil for any other request, and if there is nothing.
  static func excess(of request: AdmissionRequest) -> (pod: String, field: String)? {
    guard request.operation == .update, request.subResource ?? "" == "",
      request.resource.group == Server.resourceType.group, request.resource.resource == Server.resourceType.plural,
      let caller = CallingPod(request.userInfo), let old = request.oldObject, let new = request.object,
      let name = old["metadata"]?["name"]?.stringValue,
      caller.key == ObjectKey(namespace: request.namespace, name: Server.podName(server: name)),
      let field = Self.excess(from: old, to: new)
    else { return nil }
    return (caller.key.name, field)
  }

  private static func excess(from old: JSONValue, to new: JSONValue) -> String? {
    func members(_ object: JSONValue?) -> [String: JSONValue] { object?.objectValue ?? [:] }
    let spec = Self.changes(from: members(old["spec"]), to: members(new["spec"])).filter { $0 != "opsState" }
    if let field = spec.first { return "spec.\(field)" }
    for field in ["ownerReferences", "finalizers"]
    where (old["metadata"]?[field]?.arrayValue ?? []) != (new["metadata"]?[field]?.arrayValue ?? []) {
      return "metadata.\(field)"
    }
    for field in ["labels", "annotations"] {
      let changes = Self.changes(from: members(old["metadata"]?[field]), to: members(new["metadata"]?[field]))
      let ours = changes.first {
        $0.hasPrefix("umpire.dev/") && !$0.hasPrefix("umpire.dev/sdk-") && !Self.own.contains($0)
      }
      if let ours { return "metadata.\(field)[\(ours)]" }
    }
    return nil
  }

  /// What a game may say of its own Server though it is Umpire's.
  private static let own: Set<String> = [Annotations.deletionCost]

  /// The names of members that differ, sorted.
  private static func changes(from old: [String: JSONValue], to new: [String: JSONValue]) -> [String] {
    Set(old.keys).union(new.keys).filter { old[$0] != new[$0] }.sorted()
  }
}
