import KubernetesModel
import Logging
import Synchronization

extension PodWorker {
  /// A container that comes up is asked this often at least: everything is on one machine, and somebody waits.
  private static let haste: Duration = .milliseconds(100)

  /// Runs a container's hook, then asks its probes until the task is cancelled.
  func attend(
    to container: Container, process: ContainerProcess, launch: ContainerLaunch, log: ContainerLog
  ) async {
    let name = container.name
    let address = self.state.withLock { $0.life.podAddress }
    do {
      if let hook = ContainerHook(of: container) {
        let failure = try await hook.run(
          beside: launch, images: self.context.configuration.images, log: log, address: address)
        if let failure {
          self.logger.info(
            "postStart hook of a container has failed, killing the container",
            metadata: ["container.name": "\(name)", "error": "\(failure)"])
          self.record { $0.didFailHook(name, failure) }
          process.send(.kill)
          return
        }
        self.record { $0.didRunHook(name) }
      }
      if let probe = ContainerProbe("startupProbe", of: container) {
        guard try await self.awaitStart(probe, at: address) else {
          self.logger.info("container does not start up, killing it", metadata: ["container.name": "\(name)"])
          process.send(.kill)
          return
        }
        self.record { $0.didStartUp(name) }
      }
      if let probe = ContainerProbe("readinessProbe", of: container) {
        try await self.follow(probe, at: address) { isReady in self.record { $0.didChangeReadiness(name, to: isReady) }
        }
      }
    } catch {
      // Cancelled: the process is over.
    }
  }

  /// - Returns: Whether the container has started up in the time that it has for that.
  private func awaitStart(_ probe: ContainerProbe, at address: String) async throws -> Bool {
    let limit = probe.period * probe.failureThreshold
    let deadline = ContinuousClock.now.advanced(by: probe.initialDelay + limit)
    try await Task.sleep(for: probe.initialDelay)
    while !(await probe.ask(at: address)) {
      guard ContinuousClock.now < deadline else { return false }
      try await Task.sleep(for: min(probe.period, Self.haste))
    }
    return true
  }

  private func follow(_ probe: ContainerProbe, at address: String, onChange: (Bool) -> Void) async throws {
    var verdict = ProbeVerdict()
    try await Task.sleep(for: probe.initialDelay)
    while true {
      if verdict.record(await probe.ask(at: address), of: probe) { onChange(verdict.isPositive) }
      try await Task.sleep(for: verdict.isPositive ? probe.period : min(probe.period, Self.haste))
    }
  }
}
