import HTTPTransport
import HTTPTypes
import Synchronization

/// Where the loop's thread and the task that waits for an answer meet.
///
/// The thread calls ``receive(head:)``, ``receive(_:)`` and ``finish(_:)``; the task calls ``head()`` and ``nextChunk()``,
/// or ``whole()`` alone; either side may ``cancel()``. At most one task waits at any time.
final class Exchange: Sendable {
  /// What the thread does after it has offered bytes.
  enum OnBytes: Equatable {
    /// They were taken.
    case accepted
    /// Enough is waiting already: keep them, and offer them again once asked to resume.
    case holdBack
    /// Nobody will read them.
    case abandoned
    /// The body is larger than it may be.
    case tooLarge
  }

  /// How the body reaches the task.
  enum Delivery: Equatable {
    /// Chunk by chunk; beyond so many bytes that wait for the task the peer is made to wait.
    case chunks(bufferedBytes: Int)
    /// All at once when it is complete, up to so many bytes.
    case whole(limit: Int)
  }

  private enum Waiter {
    case none
    case head(CheckedContinuation<HTTPResponse, any Error>)
    case chunk(CheckedContinuation<[UInt8]?, any Error>)
    case whole(CheckedContinuation<CollectedResponse, any Error>)
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

    /// What a task that waits for everything is given at the end.
    mutating func takeWhole() -> Result<CollectedResponse, any Error> {
      if case .failure(let error)? = self.end { return .failure(error) }
      guard let head = self.head else { return .failure(Exchange.noHead) }
      defer { self.buffer = [] }
      return .success(CollectedResponse(head: head, body: self.buffer))
    }
  }

  /// What is asked.
  let request: PreparedRequest
  private let state = Mutex(State())
  private let delivery: Delivery
  private let mailbox: Mailbox

  /// Creates an exchange that asks `mailbox` for more of a body that it has held back.
  init(_ request: PreparedRequest, _ delivery: Delivery, mailbox: Mailbox) {
    self.request = request
    self.delivery = delivery
    self.mailbox = mailbox
  }

  // MARK: The thread's side

  /// Hands over the head.
  func receive(head: HTTPResponse) {
    let waiter = self.state.withLock { state -> Waiter in
      guard state.end == nil else { return .none }
      state.head = head
      guard case .head = state.waiter else { return .none }
      return state.takeWaiter()
    }
    if case .head(let continuation) = waiter { continuation.resume(returning: head) }
  }

  /// Offers bytes of the body.
  func receive(_ bytes: UnsafeRawBufferPointer) -> OnBytes {
    let (answer, waiter) = self.state.withLock { state -> (OnBytes, Waiter) in
      guard state.end == nil else { return (.abandoned, .none) }
      if case .chunk = state.waiter { return (.accepted, state.takeWaiter()) }
      switch self.delivery {
      case .chunks(let limit) where state.buffer.count >= limit:
        state.isHeldBack = true
        return (.holdBack, .none)
      case .whole(let limit) where bytes.count > limit - state.buffer.count:
        return (.tooLarge, .none)
      case .chunks, .whole: ()
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
    let (waiter, whole) = self.state.withLock { state -> (Waiter, Result<CollectedResponse, any Error>) in
      guard state.end == nil else { return (.none, .failure(Self.noHead)) }
      state.end = error.map { .failure($0) } ?? .success(())
      guard case .whole = state.waiter else { return (state.takeWaiter(), .failure(Self.noHead)) }
      return (state.takeWaiter(), state.takeWhole())
    }
    switch waiter {
    case .none: ()
    case .whole(let continuation): continuation.resume(with: whole)
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

  /// Waits for the end, and returns everything.
  func whole() async throws -> CollectedResponse {
    try await withCheckedThrowingContinuation { continuation in
      let known = self.state.withLock { state -> Result<CollectedResponse, any Error>? in
        guard state.end != nil else {
          state.waiter = .whole(continuation)
          return nil
        }
        return state.takeWhole()
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

  fileprivate static let noHead = TransportError(.malformedResponse, "the answer has no head", progress: .answerBegun)
  private static let secondReader = TransportError(.invalidRequest, "the body is being read already")
}
