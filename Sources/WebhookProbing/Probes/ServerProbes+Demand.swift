import KubernetesModel
import UmpireModel

/// Which webhooks are to be asked, and which conditions no longer count.
extension ServerProbes {
  /// Brings every probe in line with what the Server, and the other probes, want of it.
  mutating func settle(isStarting: Bool, now: ProbeMoment) {
    let generation = self.server.metadata.generation
    for index in self.probes.indices {
      let probe = self.probes[index]
      let first = self.first(
        for: probe.webhook, isStarting: isStarting, hasAnswer: probe.standing != nil, now: now)
      self.probes[index].want(self.isWanted(probe), first: first)
      switch probe.webhook.type {
      case .readiness where !probe.hasVerdict:
        self.probes[index].revoke("the images have changed since it was asked", generation: generation)
      case .deletable where !self.server.isToGo:
        self.probes[index].revoke("it is asked only while the Server is to go", generation: generation)
      case .deletable where !probe.hasVerdict:
        self.probes[index].revoke("it has not been asked since the Server is to go", generation: generation)
      case .deletable where probe.standing?.status == .true:
        self.probes[index].confirm(generation: generation)
      case .constraint where !self.isSettled(probe):
        self.probes[index].revoke("the constraints have changed since it was told", generation: generation)
      case .constraint where self.isReported(probe):
        self.probes[index].confirm(generation: generation)
      case .readiness, .deletable, .constraint, .scaling: break
      }
    }
  }

  /// Whether a webhook's answers become a condition.
  ///
  /// Those of a Constraint webhook do only where somebody else is to wait for them.
  func isReported(_ probe: WebhookProbe) -> Bool {
    switch probe.webhook.type {
    case .readiness, .deletable: true
    case .constraint: self.isSettled(probe) && self.others.contains { $0.type == .deletable }
    case .scaling: false
    }
  }

  private func isWanted(_ probe: WebhookProbe) -> Bool {
    guard !probe.isDone, !self.server.hasEnded else { return false }
    switch probe.webhook.type {
    case .readiness: return !self.server.metadata.isBeingDeleted
    case .constraint: return !self.server.spec.constraints.isEmpty && !probe.isSatisfied
    case .deletable: return self.server.isToGo && self.constraintsAreSettled
    case .scaling: return false
    }
  }

  /// Whether every Constraint webhook knows the present constraints, or cannot be told.
  private var constraintsAreSettled: Bool {
    guard !self.server.spec.constraints.isEmpty else { return true }
    return self.probes.allSatisfy { $0.webhook.type != .constraint || self.isSettled($0) }
      && self.others.allSatisfy { $0.type != .constraint || self.isSettledElsewhere($0) }
  }

  private func isSettled(_ probe: WebhookProbe) -> Bool { probe.isSatisfied || probe.hasGivenUp }

  /// The one who tells that webhook says so in a condition, for each generation anew.
  private func isSettledElsewhere(_ webhook: Webhook) -> Bool {
    guard let condition = self.server.status?.conditions[type: webhook.name], condition.lastProbeTime != nil else {
      return false
    }
    return condition.observedGeneration == self.server.metadata.generation
      && condition.reason != ProbeReason.notAsked
  }

  /// Whether there is anybody to ask those webhooks.
  func isAsked(by caller: Webhook.Caller) -> Bool {
    switch caller {
    case .sidecar: self.server.spec.sidecar.enabled
    case .controller: true
    }
  }
}

extension Server {
  /// Whether it takes no new players, waits to be deleted, or is being deleted.
  var isToGo: Bool {
    self.metadata.isBeingDeleted || self.spec.isConstrained(ConstraintTypes.notInService)
      || self.spec.opsState == .waitToBeDeleted
  }

  /// Whether nothing runs in it any more.
  var hasEnded: Bool { self.status?.state == .exited || self.status?.state == .failed }
}
