import KubernetesClient
import KubernetesRuntime
import Logging
import Metrics
import Observability
import Synchronization

/// Brings a plugin's results to where its `storageConfig` says.
///
/// A result is written when it differs from the last one that was. While that fails it is tried again with growing
/// pauses, and a newer result takes its place.
final class ResultStorage: Sendable {
  private let sink: Sink
  private let surroundings: PluginSurroundings
  private let state = Mutex(State())
  private let arrived = AsyncSignal()

  private enum Sink: Sendable {
    case none
    case cluster(ClusterStorage)
    case gauge(Gauge)
  }

  private struct State {
    var wanted: String?
    var stored: String?
    var fault: String?
  }

  /// The first pause after a failure; each further one is twice as long.
  static let shortestPause = Duration.seconds(1)
  /// The longest pause after a failure.
  static let longestPause = Duration.seconds(60)
  /// Bytes of a result that are kept.
  static let longestResult = 4096
  /// The help text of every gauge.
  static let help = "Automatically generated metric from collected data"

  /// - Parameter configuration: nil to keep nothing.
  init(_ configuration: StorageConfiguration?, _ surroundings: PluginSurroundings) {
    self.surroundings = surroundings
    if let cluster = configuration?.cluster, let client = surroundings.client, let identity = surroundings.identity {
      self.sink = .cluster(ClusterStorage(configuration: cluster, client: client, identity: identity))
    } else if let name = configuration?.metricName {
      // Whoever names the same metric is given the same series.
      let gauge = Gauge(label: name, factory: surroundings.metricsFactory)
      (surroundings.metricsFactory as? MetricsRegistry)?.describe(name, as: Self.help)
      self.sink = .gauge(gauge)
    } else {
      self.sink = .none
    }
  }

  /// Why the newest result is not stored; nil if it is, or nothing is to be.
  var fault: String? { self.state.withLock { $0.fault } }

  /// The last result that was stored.
  var stored: String? { self.state.withLock { $0.stored } }

  /// Takes a result; it is stored as soon as may be.
  func put(_ result: String) {
    let result = Self.bounded(result)
    switch self.sink {
    case .none: return
    case .gauge(let gauge):
      let number = Double(result.trimming(while: \.isWhitespace)).flatMap { $0.isNaN ? nil : $0 }
      if let number { gauge.record(number) }
      self.state.withLock { state in
        state.fault = number == nil ? "the result is not a number: \(result.prefix(100))" : nil
        if number != nil { state.stored = result }
      }
    case .cluster:
      self.state.withLock { $0.wanted = result }
      self.arrived.notify()
    }
  }

  /// Writes results until the task is cancelled.
  func run() async {
    guard case .cluster(let storage) = self.sink else { return await self.waitForEnd() }
    var pause = Self.shortestPause
    while !Task.isCancelled {
      let (wanted, stored) = self.state.withLock { ($0.wanted, $0.stored) }
      guard let wanted, wanted != stored else {
        self.state.withLock { if $0.wanted == $0.stored { $0.fault = nil } }
        await self.arrived.wait()
        continue
      }
      do {
        // What a try that fails leaves behind is neither the old result nor the new one.
        self.state.withLock { $0.stored = nil }
        try await storage.store(wanted)
        self.state.withLock { state in
          state.stored = wanted
          state.fault = nil
        }
        pause = Self.shortestPause
      } catch {
        guard !Task.isCancelled else { return }
        self.state.withLock { $0.fault = "the result is not stored: \("\(error)".prefix(300))" }
        self.surroundings.logger.warning("Result not stored", metadata: ["error": "\(error)", "pause": "\(pause)"])
        // Only a cancellation ends the pause early, and the loop with it.
        try? await self.surroundings.time.sleep(max(pause, (error as? APIError)?.retryAfter ?? .zero))
        pause = min(pause * 2, Self.longestPause)
      }
    }
  }

  /// A result cut to what is stored at most, at a letter's end.
  static func bounded(_ result: String) -> String {
    guard result.utf8.count > Self.longestResult else { return result }
    var bytes = 0
    return String(
      result.prefix { letter in
        bytes += letter.utf8.count
        return bytes <= Self.longestResult
      })
  }

  private func waitForEnd() async {
    while !Task.isCancelled { await self.arrived.wait() }
  }
}

extension String {
  /// The text without such letters at its ends.
  func trimming(while isOuter: (Character) -> Bool) -> String {
    var text = self[...]
    while let first = text.first, isOuter(first) { text.removeFirst() }
    while let last = text.last, isOuter(last) { text.removeLast() }
    return String(text)
  }
}
