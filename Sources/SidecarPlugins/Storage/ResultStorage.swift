import Metrics
import Observability
import Synchronization

/// Brings a plugin's results to where its `storageConfig` says.
///
/// A result is written when it differs from the last one that was. While that fails it is tried again with growing
/// pauses, and a newer result takes its place.
final class ResultStorage: Sendable {
  private let sink: Sink
  private let state = Mutex(State())

  private enum Sink: Sendable {
    case none
    case cluster(LatestWriter<String>)
    case gauge(Gauge)
  }

  private struct State {
    var shown: String?
    var fault: String?
  }

  /// Bytes of a result that are kept.
  static let longestResult = 4096
  /// The help text of every gauge.
  static let help = "Automatically generated metric from collected data"

  /// - Parameter configuration: nil to keep nothing.
  init(_ configuration: StorageConfiguration?, _ surroundings: PluginSurroundings) {
    if let cluster = configuration?.cluster, let client = surroundings.client, let identity = surroundings.identity {
      let storage = ClusterStorage(configuration: cluster, client: client, identity: identity)
      self.sink = .cluster(
        LatestWriter("the result", time: surroundings.time, logger: surroundings.logger) { try await storage.store($0) }
      )
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
  var fault: String? {
    if case .cluster(let writer) = self.sink { writer.fault } else { self.state.withLock { $0.fault } }
  }

  /// The last result that was stored.
  var stored: String? {
    if case .cluster(let writer) = self.sink { writer.written } else { self.state.withLock { $0.shown } }
  }

  /// Takes a result; it is stored as soon as may be.
  func put(_ result: String) {
    let result = Self.bounded(result)
    switch self.sink {
    case .none: return
    case .cluster(let writer): writer.put(result)
    case .gauge(let gauge):
      let number = Double(result.trimming(while: \.isWhitespace)).flatMap { $0.isNaN ? nil : $0 }
      if let number { gauge.record(number) }
      self.state.withLock { state in
        state.fault = number == nil ? "the result is not a number: \(result.prefix(100))" : nil
        if number != nil { state.shown = result }
      }
    }
  }

  /// Writes results until the task is cancelled; returns at once where there is nothing to write.
  func run() async {
    if case .cluster(let writer) = self.sink { await writer.run() }
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
