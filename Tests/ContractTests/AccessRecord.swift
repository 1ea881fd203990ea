import ClusterTestSupport
import HTTPTransport
import HTTPTypes
import KubernetesModel
import Synchronization

@testable import APIServer

/// What the requests of service accounts needed of their roles.
final class AccessRecord: Sendable {
  /// One action, and the first request that needed it.
  struct Use: Sendable {
    /// The name of the service account.
    var account: String
    var attributes: AccessAttributes
    /// Method and path, names in braces.
    var request: String
    var isForbidden: Bool

    var verb: String { self.attributes.verb }
  }

  private let uses = Mutex<[Use]>([])

  /// Every action with the first request that needed it, in the order of those.
  var all: [Use] { self.uses.withLock { $0 } }

  /// The requests that the roles did not allow.
  var forbidden: [String] { self.all.filter(\.isForbidden).map(\.request) }

  /// A transport whose requests are recorded.
  func recording(_ transport: any ClientTransport, of account: String) -> any ClientTransport {
    RecordingTransport(base: transport, account: account, record: self)
  }

  fileprivate func note(_ transported: TransportRequest, of account: String, isForbidden: Bool) {
    let request = APIRequest(transported)
    let text = Self.text(request)
    var actions = [request.attributes]
    // An API server checks these with the request: they are no requests of their own.
    if let body = try? JSONValue(parsing: transported.body) { actions += Self.implied(by: body, request) }
    self.uses.withLock { uses in
      for attributes in actions
      where !uses.contains(where: {
        $0.account == account && $0.attributes == attributes && $0.isForbidden == isForbidden
      }) {
        uses.append(Use(account: account, attributes: attributes, request: text, isForbidden: isForbidden))
      }
    }
  }

  /// What a body needs beside the action itself.
  ///
  /// The role of a binding needs `bind`. An owner reference that blocks the deletion of its owner needs `update` of the
  /// owner's finalizers, where the admission plugin OwnerReferencesPermissionEnforcement is on.
  private static func implied(by body: JSONValue, _ request: APIRequest) -> [AccessAttributes] {
    guard case .resource(let path) = request.route else { return [] }
    var actions: [AccessAttributes] = []
    if let role = body["roleRef"], let name = role["name"]?.stringValue {
      let target = AccessAttributes.ResourceTarget(
        group: "rbac.authorization.k8s.io", resource: "clusterroles", name: name)
      actions.append(AccessAttributes("bind", target))
    }
    for owner in body["metadata"]?["ownerReferences"]?.arrayValue ?? [] {
      guard owner["blockOwnerDeletion"] == true, let kind = owner["kind"]?.stringValue,
        let group = owner["apiVersion"]?.stringValue?.split(separator: "/").first
      else { continue }
      let target = AccessAttributes.ResourceTarget(
        group: String(group), resource: kind.lowercased() + "s", subresource: "finalizers",
        name: owner["name"]?.stringValue ?? "", namespace: path.namespace ?? "")
      actions.append(AccessAttributes("update", target))
    }
    return actions
  }

  private static func text(_ request: APIRequest) -> String {
    guard case .resource(var path) = request.route else { return "\(request.method) \(request.rawPath)" }
    if path.namespace != nil, path.namespace != "umpire-system" { path.namespace = "{namespace}" }
    if path.name != nil { path.name = "{name}" }
    let isWatch = request.query.flag("watch") == true
    let parts =
      [path.group.isEmpty ? "api" : "apis", path.group, path.version]
      + (path.namespace.map { ["namespaces", $0] } ?? [])
      + [path.plural, path.name ?? "", path.subresource ?? ""]
    return "\(request.method) /\(parts.filter { !$0.isEmpty }.joined(separator: "/"))\(isWatch ? "?watch" : "")"
  }
}

private struct RecordingTransport: ClientTransport {
  let base: any ClientTransport
  let account: String
  let record: AccessRecord

  func withResponse<Result: Sendable>(
    to request: TransportRequest, _ handle: (TransportResponse) async throws -> Result
  ) async throws -> Result {
    try await self.base.withResponse(to: request) { response in
      self.record.note(request, of: self.account, isForbidden: response.head.status == .forbidden)
      return try await handle(response)
    }
  }
}
