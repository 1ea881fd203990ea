import FoundationEssentials
import KubernetesModel
import Synchronization

@testable import KubernetesClient

func write(_ text: String, to path: String, isExecutable: Bool = false) throws {
  try Data(text.utf8).write(to: URL(filePath: path))
  if isExecutable { try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path) }
}

/// Time that a test moves, and the waits that it was asked for.
final class ManualTime: Sendable {
  private struct State {
    var elapsed: Duration = .zero
    var waits: [Duration] = []
  }

  private let state = Mutex(State())
  private let start = ContinuousClock.now
  private let epoch = Timestamp(secondsSinceEpoch: 1_767_225_600)

  var waits: [Duration] { self.state.withLock { $0.waits } }

  var timestamp: Timestamp { self.epoch.advanced(by: self.state.withLock { $0.elapsed }) }

  func advance(by duration: Duration) { self.state.withLock { $0.elapsed += duration } }

  /// Sleeping takes no time but this one's.
  var time: ClientTime {
    ClientTime(
      instant: { self.start.advanced(by: self.state.withLock { $0.elapsed }) }, timestamp: { self.timestamp },
      sleep: { duration in
        self.state.withLock { state in
          state.waits.append(duration)
          state.elapsed += duration
        }
      }, jitter: { 0 })
  }
}
