import KubernetesClient
import KubernetesModel
import Logging
import Synchronization
import UmpireModel

/// Makes the service account of the sidecars, and the binding of its role, in each namespace with Servers.
///
/// It needs to create both kinds, and to bind the one ClusterRole. Where it may not, they must be made by hand with
/// `manifests/rbac/sidecar-namespace.yaml`.
final class SidecarAccounts: Sendable {
  /// The name of the ServiceAccount, of the RoleBinding and of the ClusterRole.
  static let name = SidecarSpec.containerName
  /// How long what was made counts as being there.
  ///
  /// What somebody deletes is made anew after that, when the next Pod is.
  private static let lifetime: Duration = .seconds(300)

  private enum Progress {
    /// Somebody makes them at this moment.
    case underWay
    case made(at: ContinuousClock.Instant)
  }

  private let client: APIClient
  private let instant: @Sendable () -> ContinuousClock.Instant
  private let namespaces = Mutex<[String: Progress]>([:])

  init(client: APIClient, instant: @escaping @Sendable () -> ContinuousClock.Instant) {
    self.client = client
    self.instant = instant
  }

  /// Whether a Pod can be made in a namespace: its account is there, or was made.
  ///
  /// - Returns: false while another call makes them: come again.
  /// - Throws: what the API server fails with. That it does not allow it is logged, and no failure: the account may have
  ///   been made by hand.
  func prepare(_ namespace: String, logger: Logger) async throws -> Bool {
    let now = self.instant()
    let isMine: Bool? = self.namespaces.withLock { namespaces in
      switch namespaces[namespace] {
      case .underWay: return false
      case .made(let time) where time.duration(to: now) < Self.lifetime: return nil
      case .made, nil:
        namespaces[namespace] = .underWay
        return true
      }
    }
    guard let isMine else { return true }
    guard isMine else { return false }
    do {
      try await self.make(in: namespace)
    } catch let error as APIError where error.status?.code == 403 {
      logger.warning(
        "The service account of the sidecars cannot be made; apply manifests/rbac/sidecar-namespace.yaml",
        metadata: ["namespace": "\(namespace)", "error": "\(error)"])
    } catch {
      self.forget(namespace)
      throw error
    }
    self.namespaces.withLock { $0[namespace] = .made(at: now) }
    return true
  }

  /// The account is not there any more, or was never made.
  func forget(_ namespace: String) { self.namespaces.withLock { _ = $0.removeValue(forKey: namespace) } }

  private func make(in namespace: String) async throws {
    let metadata = ObjectMeta(
      name: Self.name, namespace: namespace, labels: ["app.kubernetes.io/managed-by": "umpire-controller"])
    try await self.client.createIfAbsent(ServiceAccount(metadata: metadata))
    let binding = RoleBinding(
      metadata: metadata, roleRef: RoleReference(kind: "ClusterRole", name: Self.name),
      subjects: [RoleSubject(serviceAccount: Self.name, namespace: namespace)])
    try await self.client.createIfAbsent(binding)
  }
}

extension Server {
  /// Whether its Pod runs under the account of the sidecars.
  var usesSidecarAccount: Bool { self.spec.sidecar.enabled && self.spec.pod.ownServiceAccount == nil }
}

extension PodSpec {
  /// The service account that a Pod names; nil if it names none.
  ///
  /// `serviceAccount` is the field's old name, which an API server still reads.
  var ownServiceAccount: String? {
    [self.serviceAccountName, self.fields["serviceAccount"]?.stringValue].lazy.compactMap(\.self).first { !$0.isEmpty }
  }
}
