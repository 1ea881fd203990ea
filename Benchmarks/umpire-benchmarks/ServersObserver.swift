import KubernetesClient
import KubernetesModel
import KubernetesRuntime
import Logging
import Synchronization
import UmpireModel

/// Follows the Servers, Pods, Fleets and GameTypes of a namespace, as the controller does, and counts.
final class ServersObserver: Sendable {
  struct Seen: Sendable {
    /// Changes of all four kinds.
    var events = 0
    var present = 0
    var ready = 0
  }

  private let servers: Watcher<Server>
  private let runs: [@Sendable () async -> Void]
  private let state: Counts

  private final class Counts: Sendable {
    let seen = Mutex(Seen())
    func count(_ change: (inout Seen) -> Void = { _ in }) {
      self.seen.withLock { seen in
        seen.events += 1
        change(&seen)
      }
    }
  }

  init(client: APIClient, namespace: String) {
    let logger = Logger(label: "umpire-benchmarks", factory: { _ in SwiftLogNoOpLogHandler() })
    let counts = Counts()
    let isReady = { @Sendable (server: Server) in server.status?.state == .ready ? 1 : 0 }
    let servers = Watcher<Server>(client: client, namespace: namespace, logger: logger) { change in
      counts.count { seen in
        switch change {
        case .added(let server):
          seen.present += 1
          seen.ready += isReady(server)
        case .updated(let before, let server): seen.ready += isReady(server) - isReady(before)
        case .removed(let server):
          seen.present -= 1
          seen.ready -= isReady(server)
        }
      }
    }
    let pods = Watcher<Pod>(client: client, namespace: namespace, logger: logger) { _ in counts.count() }
    let fleets = Watcher<Fleet>(client: client, namespace: namespace, logger: logger) { _ in counts.count() }
    let gameTypes = Watcher<GameType>(client: client, namespace: namespace, logger: logger) { _ in counts.count() }
    self.servers = servers
    self.state = counts
    self.runs = [servers.run, pods.run, fleets.run, gameTypes.run]
  }

  /// Works until the task is cancelled.
  func run() async {
    await withTaskGroup(of: Void.self) { group in
      for run in self.runs { group.addTask { await run() } }
    }
  }

  var seen: Seen { self.state.seen.withLock { $0 } }

  /// The Servers that are there.
  var keys: [ObjectKey] { self.servers.store.all().map(\.key) }

  /// - Throws: ``BenchmarkError`` if the time was not enough.
  func wait(within limit: Duration, until isReached: (Seen) -> Bool) async throws {
    let deadline = ContinuousClock.now + limit
    while !isReached(self.seen) {
      guard ContinuousClock.now < deadline else {
        throw BenchmarkError(description: "after \(limit) there are \(self.seen)")
      }
      try await Task.sleep(for: .milliseconds(20))
    }
  }

  /// Returns once nothing has changed for two seconds.
  func waitForRest() async throws {
    var last = self.seen.events
    while true {
      try await Task.sleep(for: .seconds(2))
      guard self.seen.events != last else { return }
      last = self.seen.events
    }
  }
}
