import HTTPTransport
import HTTPTypes
import KubernetesClient
import KubernetesModel
import Synchronization
import UmpireModel

/// Sees every write of the controllers before it is sent, knows what is true at that moment, and notes what is against
/// the rules.
final class Referee: Sendable {
  let cluster: SimulatedCluster
  let node: SimulatedNode
  let game: SimulatedGame
  let webhooks: SimulatedWebhooks
  let time: SimulatedTime
  private struct State {
    var violations: [String] = []
    /// The sizes that each Fleet ever had.
    var sizes: [ObjectKey: ClosedRange<Int64>] = [:]
  }
  private let state = Mutex(State())

  init(
    cluster: SimulatedCluster, node: SimulatedNode, webhooks: SimulatedWebhooks, game: SimulatedGame,
    time: SimulatedTime
  ) {
    self.cluster = cluster
    self.node = node
    self.webhooks = webhooks
    self.game = game
    self.time = time
  }

  var violations: [String] { self.state.withLock { $0.violations } }

  func report(_ violation: String) {
    self.state.withLock { $0.violations.append("at \(self.time.elapsed): \(violation)") }
  }

  /// Remembers how large a Fleet was wanted.
  func saw(_ event: SimulatedCluster.Event) {
    guard event.resource == "fleets", let size = event.object?["spec"]?["scaling"]?["replicas"]?.integerValue else {
      return
    }
    self.state.withLock { state in
      let known = state.sizes[event.key] ?? size...size
      state.sizes[event.key] = min(known.lowerBound, size)...max(known.upperBound, size)
    }
  }

  /// The smallest and the largest size that a Fleet ever had.
  func sizes(of fleet: ObjectKey) -> ClosedRange<Int64> { self.state.withLock { $0.sizes[fleet] ?? 0...0 } }

  func judge(_ request: TransportRequest) async {
    guard let target = RequestTarget(request) else { return }
    do {
      switch (request.head.method, target.resource, target.name) {
      case (.delete, "pods", let name?): try await self.judgeEnd(of: target.key(name))
      case (.delete, "servers", let name?): try await self.judgeWish(target.key(name))
      case (.post, "servers", nil): try await self.judgeCreation(JSONValue(parsing: request.body))
      case (.patch, let resource, let name?) where target.subresource == nil:
        let patch = try JSONValue(parsing: request.body)
        guard let finalizers = patch["metadata"]?["finalizers"]?.arrayValue else { return }
        try await self.judgeRelease(target.key(name), resource, keeping: finalizers.compactMap(\.stringValue))
      case (.patch, "gametypes", let name?) where target.subresource == "scale":
        try await self.judgeScale(target.key(name), JSONValue(parsing: request.body))
      default: ()
      }
    } catch {
      self.report("the referee cannot see: \(error)")
    }
  }
}

extension Server {
  /// Whether it was taken out of service.
  var isDrained: Bool { self.spec.isConstrained(ConstraintTypes.notInService) }

  /// Whether it counts for its Fleet.
  var isServing: Bool {
    !self.metadata.isBeingDeleted && !self.isDrained && self.status?.state != .failed && self.status?.state != .exited
      && !self.isReplaced
  }

  /// Whether its status says that its node is lost and that it is replaced.
  var isReplaced: Bool {
    let lost = self.status?.conditions[type: ConditionTypes.nodeLost]
    return lost?.status == .true && lost?.reason == "Replaced"
  }
}
