import Synchronization

/// A log as it is handed out: what there is, and then what comes, until the container has ended.
///
/// There is one reader, so that nothing is read twice at once.
final class LogStream: Sendable {
  private let reader: Mutex<LogReader>
  /// Nil if nothing is waited for.
  private let hasEnded: (@Sendable () async throws -> Bool)?
  private let pollInterval: Duration

  init(reader: LogReader, hasEnded: (@Sendable () async throws -> Bool)?, pollInterval: Duration) {
    self.reader = Mutex(reader)
    self.hasEnded = hasEnded
    self.pollInterval = pollInterval
  }

  /// The next bytes; nil at the end.
  func next() async throws -> [UInt8]? {
    while true {
      try Task.checkCancellation()
      if let bytes = try self.read() { return bytes }
      guard let hasEnded = self.hasEnded, !self.reader.withLock({ $0.isExhausted }) else { return nil }
      // What was written before the end came to be known is there now.
      if try await hasEnded() { return try self.read() }
      try await Task.sleep(for: self.pollInterval)
    }
  }

  private func read() throws -> [UInt8]? {
    let bytes = try self.reader.withLock { try $0.next() }
    return bytes.isEmpty ? nil : bytes
  }
}
