package import KubernetesClient
package import KubernetesModel
package import Logging
package import Metrics
import ServiceLifecycle
import Synchronization

/// Lets one of several processes work at a time, by a Lease on the API server.
///
/// ```swift
/// let election = LeaderElection(client: client, key: key, identity: identity, clock: ContinuousClock(), logger: logger)
/// let guarded = client.writing(onlyIf: { election.isLeading })
/// try await election.run { try await work(with: guarded) }
/// ```
package final class LeaderElection<C: Clock>: Sendable where C.Duration == Duration {
  /// The lease was lost while the work was going on; the work has been cancelled, and has ended.
  package struct Lost: Error, CustomStringConvertible {
    /// The lease that was lost.
    package var key: ObjectKey
    package var description: String { "the lease \(self.key) could not be renewed in time, or was taken by another" }
  }

  private struct State {
    var claim: LeaseClaim<C>
    var lease: Lease?
    /// Who was last seen to hold it; for the log.
    var holder: String?
  }

  private enum Ending: Sendable {
    case workDone
    case lost
  }

  private let client: APIClient
  private let key: ObjectKey
  private let timing: LeaseTiming
  private let clock: C
  private let jitter: @Sendable () -> Double
  private let logger: Logger
  private let status: Gauge
  private let state: Mutex<State>

  /// - Parameters:
  ///   - client: its writes must not be guarded by this election.
  ///   - key: the Lease's namespace and name.
  ///   - identity: unique among all processes that want to lead.
  package init(
    client: APIClient, key: ObjectKey, identity: String, clock: C, logger: Logger, options: LeaderElectionOptions
  ) {
    var logger = logger
    logger[metadataKey: "lease"] = "\(key)"
    logger[metadataKey: "lease.identity"] = "\(identity)"
    self.client = client
    self.key = key
    self.timing = options.timing
    self.clock = clock
    self.jitter = options.jitter
    self.logger = logger
    self.status = Gauge(
      label: "leader_election_master_status", dimensions: [("name", key.name)], factory: options.metricsFactory)
    self.state = Mutex(State(claim: LeaseClaim(identity: identity, timing: options.timing)))
    self.status.record(0)
  }

  /// Whether this process may act now.
  ///
  /// Asked right before every write it keeps a process that was paused from acting on a lease that is over.
  package var isLeading: Bool {
    let now = self.clock.now
    return self.state.withLock { $0.claim.isLeading(at: now) }
  }

  /// Waits for the lease, works while it is renewed, and gives it up at the end.
  ///
  /// Returns when `work` returns, or after a graceful shutdown, once the work has ended and the lease is free. A task
  /// that is cancelled leaves the lease to end by itself.
  ///
  /// - Throws: ``Lost``, and what `work` throws.
  package func run(leading work: @escaping @Sendable () async throws -> Void) async throws {
    let result: Result<Void, any Error>
    do {
      // Only the inner task is cancelled: this one still has a request to send.
      result = .success(try await cancelWhenGracefulShutdown { try await self.waitAndWork(work) })
    } catch {
      result = .failure(error)
    }
    if self.isLeading { await self.release() }
    self.state.withLock { $0.claim.standDown() }
    self.status.record(0)
    if case .failure(is CancellationError) = result, !Task.isCancelled { return }
    try result.get()
  }

  private func waitAndWork(_ work: @escaping @Sendable () async throws -> Void) async throws {
    while true {
      await self.attempt()
      if self.isLeading { break }
      try await self.clock.sleep(for: self.timing.retryPeriod * (1 + self.jitter()))
    }
    self.logger.info("Leading")
    self.status.record(1)
    let ending = try await withThrowingTaskGroup(of: Ending.self) { group in
      group.addTask {
        try await work()
        return .workDone
      }
      group.addTask {
        while true {
          try await self.clock.sleep(for: self.timing.retryPeriod)
          await self.attempt()
          guard self.isLeading else { return .lost }
        }
      }
      // Beside it, for a renewal may hang for longer than our right lasts.
      group.addTask {
        while let end = self.state.withLock({ $0.claim.end }), self.clock.now < end {
          try await self.clock.sleep(until: end, tolerance: nil)
        }
        return .lost
      }
      defer { group.cancelAll() }
      return try await group.next() ?? .lost
    }
    guard case .lost = ending else { return }
    self.logger.error("Lease lost")
    throw Lost(key: self.key)
  }

  /// Tries once to take or to renew the lease; what goes wrong is logged, and tried again later.
  private func attempt() async {
    do {
      // The holder knows what it wrote last, and needs no read as long as nobody else wrote.
      if let lease = self.state.withLock({ $0.claim.end == nil ? nil : $0.lease }) {
        do {
          return try await self.act(on: lease)
        } catch let error as APIError where error.isConflict || error.isNotFound {
          // Somebody did: look.
        }
      }
      try await self.act(on: try await self.client.find(Lease.self, self.key))
    } catch is CancellationError {
    } catch {
      self.logger.log(
        level: self.isLeading ? .warning : .debug, "Lease not written", metadata: ["error": "\(error)"])
    }
  }

  private func act(on lease: Lease?) async throws {
    let sent = self.clock.now
    let step = self.state.withLock { $0.claim.look(at: lease, now: sent, time: .now) }
    let written: Lease
    switch step {
    case .leaveAlone(let holder):
      let isNews = self.state.withLock { state in
        defer { state.holder = holder }
        return state.holder != holder
      }
      if isNews { self.logger.info("Standing by", metadata: ["lease.holder": "\(holder)"]) }
      return
    case .create(let spec):
      written = try await self.client.create(
        Lease(metadata: ObjectMeta(name: self.key.name, namespace: self.key.namespace), spec: spec))
    case .replace(let spec):
      guard var next = lease else { return }
      next.spec = spec
      written = try await self.client.replace(next)
    }
    self.state.withLock { state in
      state.claim.wrote(written, sent: sent)
      state.lease = written
      state.holder = written.spec?.holderIdentity
    }
  }

  private func release(_ lease: Lease, of claim: LeaseClaim<C>) async throws {
    func free(_ lease: Lease) -> Lease {
      var free = lease
      free.spec = claim.released(lease.spec ?? Lease.Spec(), time: .now)
      return free
    }
    do {
      _ = try await self.client.replace(free(lease))
    } catch let error as APIError where error.isConflict {
      // A renewal that was cut short may have taken effect all the same: then the newest version is still ours.
      let newest = try await self.client.get(Lease.self, self.key)
      guard newest.spec?.holderIdentity == claim.identity else { return }
      _ = try await self.client.replace(free(newest))
    }
  }

  /// Lets another one take over at once; bounded by what our right still lasts.
  private func release() async {
    let claim = self.state.withLock { $0 }
    guard let lease = claim.lease, let end = claim.claim.end else { return }
    await withTaskGroup(of: Void.self) { group in
      group.addTask {
        do {
          try await self.release(lease, of: claim.claim)
          self.logger.info("Lease released")
        } catch {
          self.logger.warning("Lease not released", metadata: ["error": "\(error)"])
        }
      }
      // Cancelled once the lease is released.
      group.addTask { try? await self.clock.sleep(until: end, tolerance: nil) }
      await group.next()
      group.cancelAll()
    }
  }
}

/// What a leader election can do without.
package struct LeaderElectionOptions: Sendable {
  /// How long the lease lasts.
  package var timing: LeaseTiming
  /// Where `leader_election_master_status` goes.
  package var metricsFactory: any MetricsFactory
  /// From 0 up to 1: spreads the tries of those who wait.
  package var jitter: @Sendable () -> Double

  package init(
    timing: LeaseTiming = LeaseTiming(), metricsFactory: any MetricsFactory = NOOPMetricsHandler.instance,
    jitter: @escaping @Sendable () -> Double = { .random(in: 0..<1) }
  ) {
    self.timing = timing
    self.metricsFactory = metricsFactory
    self.jitter = jitter
  }
}
