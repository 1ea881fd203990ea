import CCurlShims
import Glibc
import HTTPTransport
import Synchronization

/// The one way into the loop's thread: a queue of commands and an eventfd that wakes it.
///
/// The thread is started by the first request and ended by ``close()``.
final class Mailbox: Sendable {
  /// What a task asks of the thread.
  enum Command: Sendable {
    /// Start an exchange.
    case begin(Exchange)
    /// Let a held-back body flow again.
    case resume(Exchange)
    /// Drop an exchange, wherever it stands.
    case end(Exchange)
    /// Run a part of a task.
    case run(UnownedJob)
  }

  /// The descriptors that a running thread works with.
  ///
  /// They belong to it, and it closes them.
  struct Descriptors: Sendable {
    var epoll: Int32
    var wakeup: Int32
  }

  private enum Phase {
    case idle
    case running(wakeup: Int32)
    case closed
  }

  private struct State {
    var phase: Phase = .idle
    /// The thread, until somebody has taken it upon himself.
    var thread: pthread_t?
    var commands: [Command] = []
    /// Whether the thread sleeps, or is about to.
    var isAsleep = false

    /// Queues `command` and wakes the thread; false if there is none.
    ///
    /// The wakeup is written under the lock: the descriptor is surely open then.
    mutating func add(_ command: Command) -> Bool {
      guard case .running(let wakeup) = self.phase else { return false }
      self.commands.append(command)
      self.wake(wakeup)
      return true
    }

    mutating func wake(_ wakeup: Int32) {
      guard self.isAsleep else { return }
      self.isAsleep = false
      eventfd_write(wakeup, 1)
    }
  }

  private let state = Mutex(State())

  /// Starts an exchange.
  ///
  /// `start` is called with new descriptors if no thread is running yet, and takes them over unless it throws.
  func begin(
    _ exchange: Exchange, start: (Descriptors) throws(TransportError) -> pthread_t
  ) throws(TransportError) {
    let failure = self.state.withLock { state -> TransportError? in
      do throws(TransportError) {
        switch state.phase {
        case .closed:
          throw Self.closedError(.nothingSent)
        case .idle:
          let descriptors = try Self.openDescriptors()
          do throws(TransportError) {
            state.thread = try start(descriptors)
          } catch {
            Glibc.close(descriptors.epoll)
            Glibc.close(descriptors.wakeup)
            throw error
          }
          state.phase = .running(wakeup: descriptors.wakeup)
        case .running: ()
        }
        _ = state.add(.begin(exchange))
        return nil
      } catch {
        return error
      }
    }
    if let failure { throw failure }
  }

  /// Asks for more of a body that was held back.
  func resume(_ exchange: Exchange) {
    _ = self.state.withLock { $0.add(.resume(exchange)) }
  }

  /// Asks to drop an exchange.
  func end(_ exchange: Exchange) {
    _ = self.state.withLock { $0.add(.end(exchange)) }
  }

  /// Lets nothing in any more and tells the thread to end.
  func close() {
    self.state.withLock { state in
      if case .running(let wakeup) = state.phase { state.wake(wakeup) }
      state.phase = .closed
    }
  }

  /// The thread, if there is one that nobody has taken yet: whoever takes it joins or detaches it.
  func takeThread() -> pthread_t? {
    self.state.withLock { state in
      defer { state.thread = nil }
      return state.thread
    }
  }

  /// Takes everything that waits, on the thread, into an empty array.
  ///
  /// - Returns: false if nothing will follow, as the mailbox is closed.
  func drain(into commands: inout [Command]) -> Bool {
    self.state.withLock { state in
      state.isAsleep = false
      swap(&commands, &state.commands)
      if case .closed = state.phase { return false }
      return true
    }
  }

  /// Announces that the thread is about to sleep, so that whatever comes next wakes it.
  ///
  /// - Returns: false if something waits already.
  func fallAsleep() -> Bool {
    self.state.withLock { state in
      if case .closed = state.phase { return false }
      state.isAsleep = state.commands.isEmpty
      return state.isAsleep
    }
  }

  /// What requests meet once the transport has been shut down.
  static func closedError(_ progress: TransportError.Progress) -> TransportError {
    TransportError(.closed, "the transport has been shut down", progress: progress)
  }

  private static func openDescriptors() throws(TransportError) -> Descriptors {
    let epoll = epoll_create1(Int32(EPOLL_CLOEXEC))
    guard epoll >= 0 else { throw Self.noDescriptors() }
    let wakeup = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
    guard wakeup >= 0 else {
      Glibc.close(epoll)
      throw Self.noDescriptors()
    }
    return Descriptors(epoll: epoll, wakeup: wakeup)
  }

  private static func noDescriptors() -> TransportError {
    let reason = String(cString: strerror(errno))
    return TransportError(.connect, "cannot open a descriptor: \(reason)", progress: .nothingSent)
  }
}

/// Runs tasks on the thread itself, so that whoever asks and is answered there changes no thread in between.
extension Mailbox: TaskExecutor {
  /// Queues a part of a task; without a thread it runs where tasks run that have no preference.
  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    if !self.state.withLock({ $0.add(.run(job)) }) { globalConcurrentExecutor.enqueue(job) }
  }
}
