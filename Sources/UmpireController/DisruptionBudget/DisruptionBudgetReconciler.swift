import KubernetesClient
import KubernetesModel
import KubernetesRuntime
import Logging
import UmpireModel

/// Carries out what ``DisruptionBudgetPlanner`` decides.
final class DisruptionBudgetReconciler: Sendable {
  private let client: APIClient
  private let state: ClusterState
  private let ownWrites: OwnWrites

  init(client: APIClient, state: ClusterState, surroundings: Surroundings = Surroundings()) {
    self.client = client
    self.state = state
    self.ownWrites = OwnWrites(instant: surroundings.instant)
  }

  /// The key of a namespace's budget.
  static func key(in namespace: String?) -> ObjectKey {
    ObjectKey(namespace: namespace, name: DisruptionBudgetPlanner.name)
  }

  func reconcile(_ key: ObjectKey, logger: Logger) async throws -> WorkOutcome {
    guard key.name == DisruptionBudgetPlanner.name else { return .done }
    let existing = self.state.disruptionBudgets.get(key)
    if let wait = self.ownWrites.wait(for: PodDisruptionBudget.self, key, seen: existing) {
      return .requeue(after: wait)
    }
    let hasServers = self.state.hasServers(in: key.namespace)
    switch DisruptionBudgetPlanner.action(in: key.namespace, existing: existing, hasServers: hasServers) {
    case .none: ()
    case .create(let budget):
      do {
        self.ownWrites.note(try await self.client.create(budget))
      } catch let error as APIError where error.isAlreadyExists {
        // Made by us before a restart, it comes through the watch; one of somebody else's has not our label.
        guard let other = try await self.client.find(PodDisruptionBudget.self, key),
          other.metadata.label(DisruptionBudgetPlanner.managedBy) != DisruptionBudgetPlanner.manager
        else { return .done }
        logger.error(
          "Servers are not protected from evictions: a PodDisruptionBudget of somebody else's has the name",
          metadata: ["budget": "\(key)"])
        return .requeue(after: .seconds(60))
      }
    case .restore(let patch):
      let written: PodDisruptionBudget = try await self.client.patch(PodDisruptionBudget.self, key, patch)
      self.ownWrites.note(written)
    case .delete:
      guard let existing else { return .done }
      try await self.client.delete(
        PodDisruptionBudget.self, key, options: DeleteOptions(uid: existing.metadata.uid))
      self.ownWrites.noteDeletion(of: existing)
    }
    return .done
  }
}
