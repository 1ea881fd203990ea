import HTTPTransport
import KubernetesClient
import KubernetesModel
import KubernetesRuntime
import Logging
import Metrics
import ServerSupport
import Synchronization

/// `hot_update`: takes orders for patches, downloads them, and tells the game, without a restart of the Pod.
///
/// What was loaded is remembered in a ConfigMap: a Pod that starts again loads what it had, and a new one what is the
/// newest of its GameType.
package final class HotUpdatePlugin: SidecarPlugin {
  /// `hot_update`.
  package static let name = "hot_update"
  /// The version.
  package static let version = "1.0.0"

  let configuration: HotUpdateConfiguration
  let surroundings: PluginSurroundings
  private let download: PatchDownload
  private let loader: PatchLoader
  private let storage: ResultStorage
  private let records: UpdateRecords?
  private let recorder: LatestWriter<Record>?
  private let state = Mutex(State())

  /// What is remembered of a patch that was loaded.
  private struct Record: Sendable, Equatable {
    var order: PatchOrder
    var sha256: String
  }

  private struct State {
    var isBusy = false
    /// How many orders were taken; what begins with the Pod gives way to them.
    var orders = 0
    var address: String?
    var last: (outcome: UpdateOutcome, at: Timestamp)?
    var loaded: PatchVersion?
    var restore = "none"
    var restoreFault: String?
  }

  /// How long a Pod that starts tries to load its patch.
  static let longestRestore = Duration.seconds(300)
  /// How often it looks for the game.
  static let restorePause = Duration.milliseconds(500)
  /// The longest pause between tries to reach the API server, or the patch.
  static let longestRestorePause = Duration.seconds(10)

  /// Creates the plugin.
  package convenience init(_ configuration: HotUpdateConfiguration, _ surroundings: PluginSurroundings) {
    self.init(configuration, surroundings, processes: ProcessTable())
  }

  init(_ configuration: HotUpdateConfiguration, _ surroundings: PluginSurroundings, processes: ProcessTable) {
    self.configuration = configuration
    self.surroundings = surroundings
    self.download = PatchDownload(
      folder: UpdateFolder(configuration.folder), transport: surroundings.transport, deadline: configuration.deadline,
      maximumBytes: configuration.maximumBytes, allows: { configuration.allows($0) })
    self.loader = PatchLoader(
      loading: configuration.loading, processes: processes, transport: surroundings.transport)
    self.storage = ResultStorage(configuration.storage, surroundings)
    if let client = surroundings.client, let identity = surroundings.identity {
      let records = UpdateRecords(client: client, identity: identity, name: configuration.recordName)
      self.records = records
      self.recorder = LatestWriter("the version", time: surroundings.time, logger: surroundings.logger) {
        try await records.write($0.order, sha256: $0.sha256)
      }
    } else {
      self.records = nil
      self.recorder = nil
    }
  }

  /// Listens for orders, and loads what the Pod begins with.
  ///
  /// - Throws: `ListenError` when the port is taken, ``UpdateFault`` when there can be no folder.
  package func run(ready: @escaping @Sendable () -> Void) async throws {
    try await self.download.folder.prepare()
    let service = HTTPService(
      self.router(), host: self.surroundings.host, port: self.configuration.port,
      limits: ServerLimits(
        bodyBytes: Self.bodyBytes, headerBytes: 32 << 10, idle: .seconds(120), connections: 64, drain: .seconds(1)),
      logger: self.surroundings.logger
    ) { host, port in
      self.state.withLock { $0.address = "\(HostPort(host: host, port: port))" }
      ready()
    }
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { await self.storage.run() }
      if let recorder = self.recorder { group.addTask { await recorder.run() } }
      if let records = self.records { group.addTask { await self.restore(records) } }
      try await service.run()
      group.cancelAll()
    }
  }

  /// Where it listens, what was loaded last, and what could not be.
  package var status: PluginHealth {
    let state = self.state.withLock { $0 }
    let faults = [state.restoreFault, self.recorder?.fault, self.storage.fault].compactMap { $0 }
    let loaded = state.loaded.map { "; \($0) is loaded" } ?? ""
    var details: JSONValue = [
      "address": state.address.map(JSONValue.string) ?? .null, "restore": .string(state.restore),
      "loadedVersion": state.loaded.map { .string($0.description) } ?? .null,
    ]
    if let last = state.last {
      details["last"] = last.outcome.json
      details["lastTime"] = .string(last.at.description)
    }
    return PluginHealth(
      faults.first ?? "listening on \(state.address ?? "nothing yet")\(loaded)", isFailing: !faults.isEmpty,
      details: details)
  }

  // MARK: Orders

  /// Carries an order out; nil while another one is being carried out.
  func carryOut(_ order: PatchOrder) async -> UpdateOutcome? {
    let isFree = self.state.withLock { state in
      if state.isBusy { return false }
      state.isBusy = true
      state.orders += 1
      return true
    }
    guard isFree else { return nil }
    defer { self.state.withLock { $0.isBusy = false } }
    var outcome = UpdateOutcome(order: order)
    do {
      let patch = try await self.download.fetch(order)
      outcome.patch = patch
      outcome.processes = try await self.loader.load(order, patch)
    } catch {
      outcome.fault = Self.fault(error, hasFile: outcome.patch != nil)
    }
    self.settle(outcome)
    return outcome
  }

  private static func fault(_ error: any Error, hasFile: Bool) -> UpdateFault {
    error as? UpdateFault ?? UpdateFault(hasFile ? .notLoaded : .notDownloaded, String("\(error)".prefix(300)))
  }

  /// Remembers what became of an order.
  private func settle(_ outcome: UpdateOutcome) {
    let now = self.surroundings.time.timestamp()
    self.state.withLock { state in
      state.last = (outcome, now)
      guard outcome.fault == nil else { return }
      state.loaded = outcome.order.version
      state.restoreFault = nil
    }
    self.storage.put(outcome.result)
    if outcome.fault == nil, let patch = outcome.patch {
      self.recorder?.put(Record(order: outcome.order, sha256: patch.sha256))
    }
    Counter(
      label: "umpire_hot_updates_total", dimensions: [("result", outcome.fault == nil ? "success" : "failure")],
      factory: self.surroundings.metricsFactory
    ).increment()
    let logger = self.surroundings.logger
    let metadata: Logger.Metadata = [
      "version": "\(outcome.order.version)", "url": .string(outcome.order.address.shown),
    ]
    if let fault = outcome.fault {
      logger.warning("Hot update failed", metadata: metadata.merging(["error": "\(fault)"]) { $1 })
    } else {
      logger.info("Hot update loaded", metadata: metadata)
    }
  }

  // MARK: What the Pod begins with

  /// Loads what the Pod had, or what is the newest of its GameType, once the game is there.
  ///
  /// An order that comes meanwhile is newer, and ends it.
  private func restore(_ records: UpdateRecords) async {
    let deadline = self.surroundings.time.instant() + Self.longestRestore
    var pause = Self.restorePause
    var patch: DownloadedPatch?
    var record: UpdateRecord?
    var fault = ""
    while !Task.isCancelled {
      guard self.state.withLock({ $0.orders }) == 0 else { return self.note("given way to an order") }
      do {
        if record == nil { record = try await records.choose() }
        guard let record else { return self.note("none") }
        let order = try PatchOrder(record.fields)
        self.note("loading \(order.version)")
        if let outcome = try await self.restore(order, &patch) {
          self.settle(outcome)
          return self.note("loaded \(order.version)")
        }
        fault = "the game is not there yet"
        pause = Self.restorePause
      } catch let error as PatchOrderFault {
        return self.note("failed", fault: "\(error.text): \(error.detail)")
      } catch {
        fault = String("\(error)".prefix(300))
      }
      guard self.surroundings.time.instant() < deadline else { return self.giveUp(record, fault, patch) }
      // Only a cancellation ends the pause early, and the loop with it.
      try? await self.surroundings.time.sleep(pause)
      if patch == nil { pause = min(pause * 2, Self.longestRestorePause) }
    }
  }

  /// Says of what the Pod had that it is not loaded.
  private func giveUp(_ record: UpdateRecord?, _ fault: String, _ patch: DownloadedPatch?) {
    // A record of which no order can be made is a failure of its own.
    if let record, let order = try? PatchOrder(record.fields) {
      let kind = patch == nil ? UpdateFault.Kind.notDownloaded : .notLoaded
      self.settle(UpdateOutcome(order: order, patch: patch, fault: UpdateFault(kind, fault)))
    }
    self.note("failed", fault: "what the Pod had is not loaded: \(fault)")
  }

  /// One try to load an order; nil if the game is not there, or an order is being carried out.
  private func restore(_ order: PatchOrder, _ patch: inout DownloadedPatch?) async throws -> UpdateOutcome? {
    let isFree = self.state.withLock { state in
      if state.isBusy || state.orders > 0 { return false }
      state.isBusy = true
      return true
    }
    guard isFree else { return nil }
    defer { self.state.withLock { $0.isBusy = false } }
    let downloaded: DownloadedPatch
    if let patch { downloaded = patch } else { downloaded = try await self.download.fetch(order) }
    patch = downloaded
    guard self.loader.isGameThere else { return nil }
    let processes = try await self.loader.load(order, downloaded)
    return UpdateOutcome(order: order, patch: downloaded, processes: processes)
  }

  private func note(_ restore: String, fault: String? = nil) {
    self.state.withLock { state in
      state.restore = restore
      state.restoreFault = fault
    }
    if let fault { self.surroundings.logger.error("Hot update not restored", metadata: ["error": .string(fault)]) }
  }
}
