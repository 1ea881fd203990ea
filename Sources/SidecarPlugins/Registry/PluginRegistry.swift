import KubernetesClient
package import KubernetesModel
import KubernetesRuntime
import Logging
import ServerSupport
import ServiceLifecycle
import Synchronization
import UmpireModel

/// Runs the plugins that the configuration file names, and follows the file.
///
/// A change restarts the plugins whose own configuration has changed, and no other. A file that is not sound is logged
/// and reported, and what ran goes on; at the start nothing runs then, and the sidecar does without plugins until the
/// file is mended.
///
/// To use a registry, run it as a service, and serve its ``document`` at `/plugins`. When it is gracefully shut down it
/// stops the plugins in the reverse of their order, within two seconds; when it is cancelled it stops all at once.
package final class PluginRegistry: ServiceLifecycle.Service {
  private let path: String
  private let kinds: [PluginKind]
  private let surroundings: PluginSurroundings
  private let context: ConfigurationContext
  private let nudge = AsyncSignal()
  private let state = Mutex(State())

  private struct State {
    var slots: [PluginSlot] = []
    var report = ConfigurationReport(state: .absent, errors: [], warnings: [])
    var isStopping = false
  }

  /// How often the file is looked at.
  static let pollInterval = Duration.seconds(2)
  /// How long plugins wait for those before them.
  static let longestStart = Duration.seconds(60)
  /// How long plugins may take to end, all together.
  static let longestStop = Duration.seconds(2)

  /// Creates a registry, which does nothing until ``run()`` is called.
  ///
  /// - Parameters:
  ///   - path: of the configuration file, which need not be there.
  ///   - kinds: the plugins that it may name.
  package init(path: String, kinds: [PluginKind] = PluginKind.all, surroundings: PluginSurroundings) {
    self.path = path
    self.kinds = kinds
    self.surroundings = surroundings
    var environment = surroundings.environment
    // Peers are given it by the Pod; here it follows from the name of the Server.
    if environment["POD_NAME"]?.isEmpty != false { environment["POD_NAME"] = surroundings.identity?.pod.name }
    self.context = ConfigurationContext(
      environment: environment, hasAPIServer: surroundings.client != nil && surroundings.identity != nil)
  }

  /// How each plugin fares, in the order of the file.
  package var statuses: [PluginStatus] { self.state.withLock { $0.slots }.map(\.status) }

  /// What became of the file.
  package var configuration: ConfigurationReport { self.state.withLock { $0.report } }

  /// The JSON document of `/plugins`: `{"configuration": {state, errors, warnings}, "plugins": [{name, version, state,
  /// message, restarts, since, details}]}`.
  package var document: [UInt8] {
    let document: JSONValue = [
      "configuration": self.configuration.json, "plugins": .array(self.statuses.map(\.json)),
    ]
    return document.serialized()
  }

  /// Checks the file without running anything; a file that is not there is no error.
  ///
  /// - Returns: what a person should know of it.
  /// - Throws: ``PluginConfigurationError`` with everything that is wrong.
  @discardableResult
  package func check() throws(PluginConfigurationError) -> [FieldFault] {
    guard let bytes = try self.content() else { return [] }
    return try PluginFile.read(bytes, kinds: self.kinds, context: self.context).warnings
  }

  /// Runs the plugins until the task is cancelled or gracefully shut down.
  package func run() async throws {
    await withGracefulShutdownHandler {
      await withDiscardingTaskGroup { group in
        await self.follow(in: &group)
        await self.stop(self.state.withLock { $0.slots })
        group.cancelAll()
      }
    } onGracefulShutdown: {
      self.state.withLock { $0.isStopping = true }
      self.nudge.notify()
    }
  }

  private var isStopping: Bool { Task.isCancelled || self.state.withLock { $0.isStopping } }

  // MARK: The file

  private func follow(in group: inout DiscardingTaskGroup) async {
    var last: Result<[UInt8]?, PluginConfigurationError>?
    while !self.isStopping {
      let content = self.reading()
      if content != last {
        last = content
        await self.take(content, in: &group)
      }
      await self.wait(for: Self.pollInterval) { false }
    }
  }

  private func reading() -> Result<[UInt8]?, PluginConfigurationError> {
    do throws(PluginConfigurationError) {
      return .success(try self.content())
    } catch {
      return .failure(error)
    }
  }

  /// The bytes of the file; nil if there is none.
  private func content() throws(PluginConfigurationError) -> [UInt8]? {
    do throws(BoundedFileError) {
      return try BoundedFile.read(self.path, upTo: ConfigurationText.largest)
    } catch {
      if error.code == .missing { return nil }
      throw PluginConfigurationError([
        FieldFault(field: "", reason: "FieldValueInvalid", message: "the configuration cannot be read: \(error)")
      ])
    }
  }

  private func take(
    _ content: Result<[UInt8]?, PluginConfigurationError>, in group: inout DiscardingTaskGroup
  ) async {
    do throws(PluginConfigurationError) {
      guard let bytes = try content.get() else {
        self.report(ConfigurationReport(state: .absent, errors: [], warnings: []))
        return
      }
      let file = try PluginFile.read(bytes, kinds: self.kinds, context: self.context)
      self.report(ConfigurationReport(state: .valid, errors: [], warnings: file.warnings.map(\.description)))
      await self.apply(file, in: &group)
    } catch {
      self.report(ConfigurationReport(state: .invalid, errors: error.faults.map(\.description), warnings: []))
    }
  }

  private func report(_ report: ConfigurationReport) {
    self.state.withLock { $0.report = report }
    let logger = self.surroundings.logger
    switch report.state {
    case .absent: logger.info("No plugin configuration", metadata: ["path": .string(self.path)])
    case .valid: logger.info("Plugin configuration read", metadata: ["path": .string(self.path)])
    case .invalid: logger.error("Plugin configuration not used", metadata: ["path": .string(self.path)])
    }
    for error in report.errors { logger.error("Plugin configuration is wrong", metadata: ["error": .string(error)]) }
    for warning in report.warnings {
      logger.warning("Plugin configuration is unwise", metadata: ["warning": .string(warning)])
    }
  }

  // MARK: The plugins

  /// Stops what is not wanted as it is, and then starts what is missing, in order.
  private func apply(_ file: PluginFile, in group: inout DiscardingTaskGroup) async {
    let current = self.state.withLock { $0.slots }
    func kept(_ plugin: PreparedPlugin) -> PluginSlot? { current.first { $0.prepared.isSame(as: plugin) } }
    let staying = file.plugins.compactMap(kept)
    await self.stop(current.filter { slot in !staying.contains { $0 === slot } })
    var started: [PluginSlot] = []
    let slots = file.plugins.map { plugin in
      if let slot = kept(plugin) {
        slot.follow(plugin, file.restartPolicy)
        return slot
      }
      let slot = PluginSlot(plugin, file.restartPolicy, self.surroundings, changed: { [nudge] in nudge.notify() })
      started.append(slot)
      return slot
    }
    self.state.withLock { $0.slots = slots }
    for order in Set(started.map(\.bootOrder)).sorted() where !self.isStopping {
      let equal = started.filter { $0.bootOrder == order }
      for slot in equal { group.addTask { await slot.run() } }
      await self.wait(for: Self.longestStart) { equal.allSatisfy(\.isSettled) }
      for slot in equal where !slot.isSettled && !self.isStopping {
        self.surroundings.logger.warning("Plugin not ready yet", metadata: ["plugin": .string(slot.prepared.name)])
      }
    }
  }

  /// Stops plugins, the last that was started first; those that nobody has started yet have nothing to stop.
  private func stop(_ slots: [PluginSlot]) async {
    let deadline = ContinuousClock.now + Self.longestStop
    for order in Set(slots.map(\.bootOrder)).sorted(by: >) {
      let equal = slots.filter { $0.bootOrder == order && $0.status.state != .pending }
      for slot in equal { slot.beginStop() }
      while !Task.isCancelled, !equal.allSatisfy(\.isDone), ContinuousClock.now < deadline {
        await self.nudge.wait(until: deadline, clock: ContinuousClock())
      }
    }
  }

  /// Waits until the condition holds, the time is over, or the registry is to stop.
  private func wait(for time: Duration, until condition: () -> Bool) async {
    let clock = InjectedClock(time: self.surroundings.time)
    let deadline = clock.now + time
    while !self.isStopping, !condition(), clock.now < deadline {
      await self.nudge.wait(until: deadline, clock: clock)
    }
  }
}
