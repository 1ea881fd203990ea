import ClusterTestSupport
import HTTPTransport
import HTTPTypes
import KubernetesClient
import KubernetesModel
import Synchronization
import TestSupport
import Testing
import UmpireModel

@testable import UmpireController

/// A Fleet makes its Servers at once even if the API server's answer to a create is lost.
@Suite(.timeLimit(.minutes(1))) struct LostCreateTests {
  enum Loss: CaseIterable { case request, answer, serverError }

  /// Loses the first create of a Server, or its answer.
  private final class LossyTransport: ClientTransport {
    private let base: any ClientTransport
    private let loss: Loss
    private let hasLost = Mutex(false)

    init(_ base: any ClientTransport, _ loss: Loss) {
      self.base = base
      self.loss = loss
    }

    var lost: Bool { self.hasLost.withLock { $0 } }

    func withResponse<Result: Sendable>(
      to request: TransportRequest, _ handle: (TransportResponse) async throws -> Result
    ) async throws -> Result {
      guard request.head.method == .post, request.head.path?.contains("/servers?") == true,
        self.hasLost.withLock({ lost in
          defer { lost = true }
          return !lost
        })
      else { return try await self.base.withResponse(to: request, handle) }
      if self.loss == .answer { try await self.base.withResponse(to: request) { _ in } }
      guard self.loss == .serverError else { throw TransportError(.timeout, "no answer in time") }
      let failure = ScriptedTransport { _, _ in .body("{}", status: .internalServerError) }
      return try await failure.withResponse(to: request, handle)
    }
  }

  @Test(arguments: Loss.allCases)
  func everyServerIsMadeOnce(loss: Loss) async throws {
    try await withCluster { cluster in
      let transport = LossyTransport(cluster.server, loss)
      try await withControllers(on: cluster, through: transport) { client, _ in
        _ = try await client.create(Fixtures.arena(replicas: 3))
        // Well within the time that a create is expected to show its effect.
        try await eventually("all are ready") {
          let servers = try await client.arenaServers()
          return servers.count == 3 && servers.allSatisfy { $0.status?.state == .ready }
        }
        #expect(transport.lost)
      }
    }
  }
}
