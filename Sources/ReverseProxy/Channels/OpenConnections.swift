import NIOCore
import Synchronization

/// The clients' channels that are open.
final class OpenConnections: Sendable {
  private struct State {
    var channels: [ObjectIdentifier: any Channel] = [:]
    var isStopping = false
  }

  private let maximum: Int
  private let state = Mutex(State())

  init(maximum: Int) {
    self.maximum = maximum
  }

  var count: Int { self.state.withLock { $0.channels.count } }

  /// Adds a channel.
  ///
  /// - Returns: false if there are too many, or none is to be opened any more.
  func insert(_ channel: any Channel) -> Bool {
    self.state.withLock { state in
      guard !state.isStopping, state.channels.count < self.maximum else { return false }
      state.channels[ObjectIdentifier(channel)] = channel
      return true
    }
  }

  func remove(_ channel: any Channel) {
    _ = self.state.withLock { $0.channels.removeValue(forKey: ObjectIdentifier(channel)) }
  }

  /// Lets no further one in.
  ///
  /// - Returns: those that are open.
  func stop() -> [any Channel] {
    self.state.withLock { state in
      state.isStopping = true
      return Array(state.channels.values)
    }
  }
}
