import KubernetesRuntime
import ServiceLifecycle
import UmpireController

/// The controllers, working only while this process leads, if there is an election at all.
struct ElectedControllers: Service {
  let controllers: UmpireControllers
  let election: LeaderElection<ContinuousClock>?

  /// Whether all is well: who stands by has nothing to wait for.
  var isReady: Bool {
    if let election = self.election, !election.isLeading { return true }
    return self.controllers.isReady
  }

  func run() async throws {
    guard let election = self.election else { return try await self.controllers.run() }
    try await election.run { try await self.controllers.run() }
  }
}
