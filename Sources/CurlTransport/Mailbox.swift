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
    case begin(PreparedRequest, Exchange)
    /// Let a held-back body flow again.
    case resume(Exchange)
    /// Drop an exchange, wherever it stands.
    case end(Exchange)
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
    var commands: [Command] = []
    var isSignalled = false

    /// Queues `command` and wakes the thread.
    ///
    /// The wakeup is written under the lock: the descriptor is surely open then.
    mutating func add(_ command: Command) {
      guard case .running(let wakeup) = self.phase else { return }
      self.commands.append(command)
      self.signal(wakeup)
    }

    mutating func signal(_ wakeup: Int32) {
      guard !self.isSignalled else { return }
      self.isSignalled = true
      eventfd_write(wakeup, 1)
    }
  }

  private let state = Mutex(State())

  /// Starts `request`.
  ///
  /// `start` is called with new descriptors if no thread is running yet, and takes them over unless it throws.
  func begin(
    _ request: PreparedRequest, _ exchange: Exchange, start: (Descriptors) throws(TransportError) -> Void
  ) throws(TransportError) {
    let failure = self.state.withLock { state -> TransportError? in
      do throws(TransportError) {
        switch state.phase {
        case .closed:
          throw Self.closedError(.nothingSent)
        case .idle:
          let descriptors = try Self.openDescriptors()
          do throws(TransportError) {
            try start(descriptors)
          } catch {
            Glibc.close(descriptors.epoll)
            Glibc.close(descriptors.wakeup)
            throw error
          }
          state.phase = .running(wakeup: descriptors.wakeup)
        case .running: ()
        }
        state.add(.begin(request, exchange))
        return nil
      } catch {
        return error
      }
    }
    if let failure { throw failure }
  }

  /// Asks for more of a body that was held back.
  func resume(_ exchange: Exchange) {
    self.state.withLock { $0.add(.resume(exchange)) }
  }

  /// Asks to drop an exchange.
  func end(_ exchange: Exchange) {
    self.state.withLock { $0.add(.end(exchange)) }
  }

  /// Lets nothing in any more and tells the thread to end.
  func close() {
    self.state.withLock { state in
      if case .running(let wakeup) = state.phase { state.signal(wakeup) }
      state.phase = .closed
    }
  }

  /// Takes everything that waits, on the thread.
  ///
  /// `isClosed` says that nothing will follow.
  func drain() -> (commands: [Command], isClosed: Bool) {
    self.state.withLock { state in
      defer { state.commands = [] }
      state.isSignalled = false
      if case .closed = state.phase { return (state.commands, true) }
      return (state.commands, false)
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
