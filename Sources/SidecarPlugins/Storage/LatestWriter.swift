import KubernetesClient
import KubernetesRuntime
import Logging
import Synchronization

/// Writes the newest of the values that it is given, again and again until that succeeds.
///
/// A value is written when it differs from the last one that was. While that fails it is tried again with growing
/// pauses, and a newer value takes its place.
final class LatestWriter<Value: Sendable & Equatable>: Sendable {
  private let subject: String
  private let time: ClientTime
  private let logger: Logger
  private let write: @Sendable (Value) async throws -> Void
  private let state = Mutex(State())
  private let arrived = AsyncSignal()

  private struct State {
    var wanted: Value?
    var written: Value?
    var fault: String?
  }

  /// - Parameters:
  ///   - subject: what is written, for people.
  ///   - write: writes a value that may be there already.
  init(
    _ subject: String, time: ClientTime, logger: Logger, write: @escaping @Sendable (Value) async throws -> Void
  ) {
    self.subject = subject
    self.time = time
    self.logger = logger
    self.write = write
  }

  /// Why the newest value is not written; nil if it is, or none is to be.
  var fault: String? { self.state.withLock { $0.fault } }

  /// The last value that was written; nil while another one is on its way.
  var written: Value? { self.state.withLock { $0.written } }

  /// Takes a value.
  func put(_ value: Value) {
    self.state.withLock { $0.wanted = value }
    self.arrived.notify()
  }

  /// Writes until the task is cancelled.
  func run() async {
    var pause = WriterPause.shortest
    while !Task.isCancelled {
      guard let value = self.next() else {
        await self.arrived.wait()
        continue
      }
      do {
        try await self.write(value)
        self.state.withLock { state in
          state.written = value
          state.fault = nil
        }
        pause = WriterPause.shortest
      } catch {
        guard !Task.isCancelled else { return }
        let reason = String("\(error)".prefix(300))
        self.state.withLock { $0.fault = "\(self.subject) is not stored: \(reason)" }
        self.logger.warning(
          "Not stored",
          metadata: ["subject": .string(self.subject), "error": .string(reason), "pause": "\(pause)"])
        let least = (error as? APIError)?.retryAfter ?? .zero
        // Only a cancellation ends the pause early, and the loop with it.
        try? await self.time.sleep(max(pause, least) * (1 + self.time.jitter() / 4))
        pause = min(pause * 2, WriterPause.longest)
      }
    }
  }

  /// The value to write; nil if it is written.
  private func next() -> Value? {
    self.state.withLock { state in
      guard let wanted = state.wanted, wanted != state.written else {
        state.fault = nil
        return nil
      }
      // What a try that fails leaves behind is neither the old value nor the new one.
      state.written = nil
      return wanted
    }
  }
}

/// Pauses after writes that failed; each is twice as long as the one before.
enum WriterPause {
  static let shortest = Duration.seconds(1)
  static let longest = Duration.seconds(60)
}
