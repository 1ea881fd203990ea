import KubernetesClient
import KubernetesRuntime
import Logging
import Synchronization

/// Runs one plugin with one configuration, again and again as the policy says.
final class PluginSlot: Sendable {
  let prepared: PreparedPlugin
  private let surroundings: PluginSurroundings
  private let changed: @Sendable () -> Void
  private let state: Mutex<State>
  private let stopping = AsyncSignal()

  private struct State {
    var life: PluginLife
    var policy: RestartPolicy
    var bootOrder: Int
    var plugin: (any SidecarPlugin)?
    var isStopping = false
    var isDone = false
  }

  /// What ``SidecarPlugin/stop()`` may take.
  static let longestStop = Duration.seconds(1)

  /// - Parameter changed: told of every change of the state.
  init(
    _ prepared: PreparedPlugin, _ policy: RestartPolicy, _ surroundings: PluginSurroundings,
    changed: @escaping @Sendable () -> Void
  ) {
    self.prepared = prepared
    var surroundings = surroundings
    surroundings.logger[metadataKey: "plugin"] = .string(prepared.name)
    self.surroundings = surroundings
    self.changed = changed
    self.state = Mutex(
      State(
        life: PluginLife(at: surroundings.time.timestamp()), policy: policy, bootOrder: prepared.bootOrder))
  }

  /// Plugins with a lower one are started before it, and stopped after it.
  var bootOrder: Int { self.state.withLock { $0.bootOrder } }

  /// Whether the plugin was ready, or has ended, at least once.
  var isSettled: Bool { self.state.withLock { $0.life.isSettled } }

  /// Whether nothing of it runs any more.
  var isDone: Bool { self.state.withLock { $0.isDone } }

  /// How the plugin fares.
  var status: PluginStatus {
    let (life, plugin) = self.state.withLock { ($0.life, $0.plugin) }
    var status = PluginStatus(name: self.prepared.name, version: self.prepared.version, life: life)
    if let health = plugin?.status, life.state == .running || life.state == .starting {
      status.message = String(health.message.prefix(PluginLife.longestMessage))
      status.details = health.details
      if health.isFailing { status.state = .failed }
    }
    return status
  }

  /// Takes over what is not the plugin's own from a newer file.
  func follow(_ newer: PreparedPlugin, _ policy: RestartPolicy) {
    self.state.withLock { state in
      state.policy = policy
      state.bootOrder = newer.bootOrder
    }
  }

  /// Asks the plugin to end; ``isDone`` says when it has.
  func beginStop() {
    self.state.withLock { $0.isStopping = true }
    self.stopping.notify()
  }

  /// Works until the plugin has ended for good, is asked to end, or the task is cancelled.
  func run() async {
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await self.supervise() }
      group.addTask {
        await self.stopping.wait()
        if !Task.isCancelled { await self.stopPlugin() }
      }
      await group.next()
      group.cancelAll()
    }
    self.change { state in
      state.isDone = true
      state.plugin = nil
    }
  }

  private func supervise() async {
    while !Task.isCancelled, !self.state.withLock({ $0.isStopping }) {
      let plugin = self.prepared.make(self.surroundings)
      self.change { state in
        state.plugin = plugin
        state.life.starts(at: self.surroundings.time.timestamp(), self.surroundings.time.instant())
      }
      var failure: String?
      do {
        try await plugin.run(ready: { self.becameReady() })
      } catch {
        failure = "\(error)"
      }
      guard !Task.isCancelled, !self.state.withLock({ $0.isStopping }) else { break }
      switch self.ended(failure) {
      case .stay: return
      case .restart(let pause):
        // Only a cancellation ends the pause early, and the loop with it.
        try? await self.surroundings.time.sleep(pause)
      }
    }
    self.change { $0.life.stopped(at: self.surroundings.time.timestamp()) }
  }

  private func becameReady() {
    self.change { $0.life.becomesReady(at: self.surroundings.time.timestamp()) }
    self.surroundings.logger.info("Plugin ready")
  }

  private func ended(_ failure: String?) -> PluginLife.OnEnd {
    let (now, instant) = (self.surroundings.time.timestamp(), self.surroundings.time.instant())
    let next = self.state.withLock { state in
      state.plugin = nil
      return state.life.ended(failure, state.policy, at: now, instant)
    }
    self.changed()
    var metadata: Logger.Metadata = ["error": .string(failure ?? "")]
    if case .restart(let pause) = next { metadata["pause"] = "\(pause)" }
    self.surroundings.logger.warning("Plugin ended", metadata: metadata)
    return next
  }

  private func stopPlugin() async {
    guard let plugin = self.state.withLock({ $0.plugin }) else { return }
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await plugin.stop() }
      // Whoever is not done by then is cancelled.
      group.addTask { try? await Task.sleep(for: Self.longestStop) }
      await group.next()
      group.cancelAll()
    }
  }

  private func change(_ body: (inout State) -> Void) {
    self.state.withLock { body(&$0) }
    self.changed()
  }
}
