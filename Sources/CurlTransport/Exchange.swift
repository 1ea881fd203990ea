import HTTPTransport
import HTTPTypes
import Synchronization

/// Where the loop's thread and the task that waits for an answer meet.
///
/// The thread calls ``receive(head:)``, ``receive(_:)`` and ``finish(_:)``; the task calls ``head()`` and ``nextChunk()``;
/// either side may ``cancel()``. At most one task waits at any time.
final class Exchange: Sendable {
  /// What the thread does after it has offered bytes.
  enum OnBytes: Equatable {
    /// They were taken.
    case accepted
    /// Enough is waiting already: keep them, and offer them again once asked to resume.
    case holdBack
    /// Nobody will read them.
    case abandoned
  }

  private enum Waiter {
    case none
    case head(CheckedContinuation<HTTPResponse, any Error>)
    case chunk(CheckedContinuation<[UInt8]?, any Error>)
  }

  private struct State {
    var head: HTTPResponse?
    var buffer: [UInt8] = []
    var isHeldBack = false
    var end: Result<Void, any Error>?
    var waiter: Waiter = .none

    mutating func takeWaiter() -> Waiter {
      defer { self.waiter = .none }
      return self.waiter
    }
  }

  private let state = Mutex(State())
  private let bufferedBytes: Int
  private let mailbox: Mailbox

  /// Creates an exchange that holds about `bufferedBytes` bytes of a body and asks `mailbox` for more.
  init(bufferedBytes: Int, mailbox: Mailbox) {
    self.bufferedBytes = bufferedBytes
    self.mailbox = mailbox
  }

  // MARK: The thread's side

  /// Hands over the head.
  func receive(head: HTTPResponse) {
    let waiter = self.state.withLock { state -> Waiter in
      guard state.end == nil else { return .none }
      state.head = head
      return state.takeWaiter()
    }
    if case .head(let continuation) = waiter { continuation.resume(returning: head) }
  }

  /// Offers bytes of the body.
  func receive(_ bytes: UnsafeRawBufferPointer) -> OnBytes {
    let (answer, waiter) = self.state.withLock { state -> (OnBytes, Waiter) in
      guard state.end == nil else { return (.abandoned, .none) }
      if case .chunk = state.waiter { return (.accepted, state.takeWaiter()) }
      guard state.buffer.count < self.bufferedBytes else {
        state.isHeldBack = true
        return (.holdBack, .none)
      }
      state.buffer.append(contentsOf: bytes)
      return (.accepted, .none)
    }
    if case .chunk(let continuation) = waiter { continuation.resume(returning: Array(bytes)) }
    return answer
  }

  /// Ends the exchange: the answer is complete when `error` is nil.
  ///
  /// Only the first end counts.
  func finish(_ error: (any Error)?) {
    let waiter = self.state.withLock { state -> Waiter in
      guard state.end == nil else { return .none }
      state.end = error.map { .failure($0) } ?? .success(())
      return state.takeWaiter()
    }
    switch waiter {
    case .none: ()
    case .head(let continuation): continuation.resume(throwing: error ?? Self.noHead)
    case .chunk(let continuation):
      if let error { continuation.resume(throwing: error) } else { continuation.resume(returning: nil) }
    }
  }

  // MARK: The task's side

  /// Waits for the head.
  func head() async throws -> HTTPResponse {
    try await withCheckedThrowingContinuation { continuation in
      let known = self.state.withLock { state -> Result<HTTPResponse, any Error>? in
        if let head = state.head { return .success(head) }
        switch state.end {
        case .failure(let error): return .failure(error)
        case .success: return .failure(Self.noHead)
        case nil: ()
        }
        state.waiter = .head(continuation)
        return nil
      }
      if let known { continuation.resume(with: known) }
    }
  }

  /// Waits for the next bytes of the body; nil at its end.
  ///
  /// Everything that has arrived is returned at once.
  func nextChunk() async throws -> [UInt8]? {
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        let (known, resumes) = self.state.withLock { state -> (Result<[UInt8]?, any Error>?, Bool) in
          if case .failure(let error)? = state.end, !(error is TransportError) { return (.failure(error), false) }
          if !state.buffer.isEmpty {
            defer {
              state.buffer = []
              state.isHeldBack = false
            }
            return (.success(state.buffer), state.isHeldBack)
          }
          switch state.end {
          case .success: return (.success(nil), false)
          case .failure(let error): return (.failure(error), false)
          case nil: ()
          }
          guard case .none = state.waiter else { return (.failure(Self.secondReader), false) }
          state.waiter = .chunk(continuation)
          return (nil, false)
        }
        if let known { continuation.resume(with: known) }
        if resumes { self.mailbox.resume(self) }
      }
    } onCancel: {
      self.cancel()
    }
  }

  /// Ends the exchange at once because its task was cancelled.
  func cancel() {
    self.finish(CancellationError())
    self.mailbox.end(self)
  }

  /// Ends the exchange because its handler has returned; what had not been read is dropped.
  func close() {
    let wasRunning = self.state.withLock { state -> Bool in
      let wasRunning = state.end == nil
      if wasRunning { state.end = .failure(CancellationError()) }
      state.buffer = []
      return wasRunning
    }
    if wasRunning { self.mailbox.end(self) }
  }

  private static let noHead = TransportError(.malformedResponse, "the answer has no head", progress: .answerBegun)
  private static let secondReader = TransportError(.invalidRequest, "the body is being read already")
}
