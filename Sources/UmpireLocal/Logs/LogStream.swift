import Synchronization

/// A log as it is handed out: what there is, and then what comes, until the container has ended.
///
/// There is one reader, so that nothing is read twice at once.
final class LogStream: Sendable {
  private struct State {
    var reader: LogReader
    var lines: LogLines
  }
  private let state: Mutex<State>
  /// Nil if nothing is waited for.
  private let hasEnded: (@Sendable () async throws -> Bool)?
  private let pollInterval: Duration

  init(
    reader: LogReader, lines: LogLines = LogLines(), hasEnded: (@Sendable () async throws -> Bool)?,
    pollInterval: Duration
  ) {
    self.state = Mutex(State(reader: reader, lines: lines))
    self.hasEnded = hasEnded
    self.pollInterval = pollInterval
  }

  /// The next bytes; nil at the end.
  func next() async throws -> [UInt8]? {
    while true {
      try Task.checkCancellation()
      if let bytes = try self.read() { return bytes }
      guard let hasEnded = self.hasEnded, !self.state.withLock({ $0.lines.isExhausted }) else { return nil }
      // What was written before the end came to be known is there now.
      if try await hasEnded() { return try self.read() }
      try await Task.sleep(for: self.pollInterval)
    }
  }

  private func read() throws -> [UInt8]? {
    try self.state.withLock { state in
      while !state.lines.isExhausted {
        let bytes = try state.reader.next()
        guard !bytes.isEmpty else { return nil }
        let shown = state.lines.shown(of: bytes)
        if !shown.isEmpty { return shown }
      }
      return nil
    }
  }
}
