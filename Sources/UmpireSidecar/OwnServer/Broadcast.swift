import Synchronization

/// Tells any number of readers the newest value of something.
///
/// Each reader holds one value at most, so that one that does not read costs no more than one that does.
final class Broadcast<Value: Sendable>: Sendable {
  private struct State {
    var newest: Value?
    var readers: [UInt64: AsyncStream<Value>.Continuation] = [:]
    var lastReader: UInt64 = 0
    var isFinished = false
  }

  private let state: Mutex<State>

  /// - Parameter value: what there is to tell already.
  init(_ value: Value? = nil) { self.state = Mutex(State(newest: value)) }

  /// How many read.
  var readers: Int { self.state.withLock { $0.readers.count } }

  /// The newest value at once, if there is one, and those that come.
  func stream() -> AsyncStream<Value> {
    let (stream, continuation) = AsyncStream.makeStream(of: Value.self, bufferingPolicy: .bufferingNewest(1))
    let reader: UInt64? = self.state.withLock { state in
      if let newest = state.newest { continuation.yield(newest) }
      guard !state.isFinished else { return nil }
      state.lastReader += 1
      state.readers[state.lastReader] = continuation
      return state.lastReader
    }
    guard let reader else {
      continuation.finish()
      return stream
    }
    continuation.onTermination = { [weak self] _ in
      _ = self?.state.withLock { $0.readers.removeValue(forKey: reader) }
    }
    return stream
  }

  /// Tells a value, in the order of the calls.
  func send(_ value: Value) {
    self.state.withLock { state in
      guard !state.isFinished else { return }
      state.newest = value
      for reader in state.readers.values { reader.yield(value) }
    }
  }

  /// Ends every stream, those that are asked for later included.
  func finish() {
    let readers = self.state.withLock { state in
      state.isFinished = true
      defer { state.readers = [:] }
      return state.readers
    }
    for reader in readers.values { reader.finish() }
  }
}
