import Glibc
import Synchronization
import TestSupport

/// One thread on which tasks run one after the other: in the order in which they became ready, or in a random one that a
/// seed determines.
///
/// On several threads the order of two tasks is chance, and a failure could not be played again. The API server works on
/// threads of its own; while it is asked, nothing else runs here, see ``exclusively(_:)``.
final class SerialThread: TaskExecutor {
  /// Whoever is still busy after so many jobs is busy for ever.
  private static let mostJobs = 2_000_000

  private struct State {
    var jobs: [UnownedJob] = []
    /// Jobs of the task that has the thread for itself.
    var urgent: [UnownedJob] = []
    var isExclusive = false
    var isClosed = false
    var isAsleep = false
    var chance: FuzzSource?
    /// Who waits for everything to have been done.
    var idle: CheckedContinuation<Bool, Never>?
    var jobsLeft = 0
  }

  private let state: Mutex<State>
  /// A pipe that has a byte when the sleeping thread is to look.
  private let (output, input): (Int32, Int32)
  private let turn = Turn()
  /// Is told of each task that is picked.
  private let trace: SimulationTrace

  /// Where a task works that has the thread for itself.
  private final class Turn: TaskExecutor {
    private let thread = Mutex<Weak>(Weak())
    private struct Weak { weak var thread: SerialThread? }

    func belong(to thread: SerialThread) { self.thread.withLock { $0.thread = thread } }

    func enqueue(_ job: consuming ExecutorJob) {
      let job = UnownedJob(job)
      guard let thread = self.thread.withLock({ $0.thread }) else { return globalConcurrentExecutor.enqueue(job) }
      thread.enqueue(job, isUrgent: true)
    }
  }

  private init(seed: UInt64, trace: SimulationTrace) throws {
    self.trace = trace
    var ends: [Int32] = [0, 0]
    guard pipe(&ends) == 0 else { throw SimulationError("no pipe is to be had") }
    (self.output, self.input) = (ends[0], ends[1])
    self.state = Mutex(State(chance: seed == 0 ? nil : FuzzSource(seed: seed)))
    self.turn.belong(to: self)
  }

  deinit {
    Glibc.close(self.output)
    Glibc.close(self.input)
  }

  /// Runs `body`, and whatever it starts, on a thread of its own.
  ///
  /// - Parameters:
  ///   - seed: determines the order of the tasks; 0 for that in which they became ready.
  ///   - trace: is told of each task that is picked.
  static func run<Result: Sendable>(
    seed: UInt64, trace: SimulationTrace = SimulationTrace(), _ body: @Sendable (SerialThread) async throws -> Result
  ) async throws -> Result {
    let thread = try SerialThread(seed: seed, trace: trace)
    try thread.start()
    defer { thread.close() }
    return try await withTaskExecutorPreference(thread) { try await body(thread) }
  }

  /// Runs `body` while no other task runs, whatever thread `body` waits for.
  func exclusively<Result: Sendable>(_ body: @Sendable () async throws -> Result) async throws -> Result {
    // Nobody else runs now: whoever asks has the thread already.
    if self.state.withLock({ $0.isExclusive }) { return try await body() }
    self.state.withLock { $0.isExclusive = true }
    return try await withTaskExecutorPreference(self.turn) {
      defer { self.state.withLock { $0.isExclusive = false } }
      return try await body()
    }
  }

  /// Returns once all tasks wait, or ``endIdleWait()`` is called.
  ///
  /// - Returns: false if they never do.
  func idle() async -> Bool {
    await withCheckedContinuation { continuation in
      self.state.withLock { state in
        state.idle = continuation
        state.jobsLeft = Self.mostJobs
      }
    }
  }

  /// Ends ``idle()`` though tasks are busy.
  func endIdleWait() {
    self.state.withLock { state in
      defer { state.idle = nil }
      return state.idle
    }?.resume(returning: true)
  }

  func enqueue(_ job: consuming ExecutorJob) { self.enqueue(UnownedJob(job), isUrgent: false) }

  private func enqueue(_ job: UnownedJob, isUrgent: Bool) {
    let (isClosed, wasAsleep) = self.state.withLock { state in
      if state.isClosed { return (true, false) }
      if isUrgent { state.urgent.append(job) } else { state.jobs.append(job) }
      defer { state.isAsleep = false }
      return (false, state.isAsleep)
    }
    if isClosed { globalConcurrentExecutor.enqueue(job) } else if wasAsleep { self.wake() }
  }

  private func close() {
    self.state.withLock { $0.isClosed = true }
    self.wake()
  }

  private func wake() {
    var byte: UInt8 = 0
    _ = write(self.input, &byte, 1)
  }

  private func start() throws {
    let context = Unmanaged.passRetained(self)
    var thread = pthread_t()
    let result = pthread_create(
      &thread, nil,
      { context in
        guard let context else { return nil }
        Unmanaged<SerialThread>.fromOpaque(context).takeRetainedValue().work()
        return nil
      }, context.toOpaque())
    guard result == 0 else {
      context.release()
      throw SimulationError("no thread can be started: \(result)")
    }
    pthread_detach(thread)
  }

  private enum Step {
    case run(UnownedJob)
    case runUrgently(UnownedJob)
    case tell(CheckedContinuation<Bool, Never>, isIdle: Bool)
    case sleep
    case end
  }

  private func work() {
    while true {
      switch self.next() {
      case .run(let job): job.runSynchronously(on: self.asUnownedTaskExecutor())
      case .runUrgently(let job): job.runSynchronously(on: self.turn.asUnownedTaskExecutor())
      case .tell(let waiter, let isIdle): waiter.resume(returning: isIdle)
      case .sleep:
        var byte: UInt8 = 0
        _ = read(self.output, &byte, 1)
      case .end: return
      }
    }
  }

  private func next() -> Step {
    self.state.withLock { state in
      if !state.urgent.isEmpty { return .runUrgently(state.urgent.removeFirst()) }
      if state.isExclusive && !state.isClosed {
        state.isAsleep = true
        return .sleep
      }
      state.jobsLeft -= 1
      if let waiter = state.idle, state.jobs.isEmpty || state.jobsLeft < 0 {
        state.idle = nil
        return .tell(waiter, isIdle: state.jobs.isEmpty)
      }
      if !state.jobs.isEmpty {
        let index = state.chance?.number(below: state.jobs.count) ?? 0
        self.trace.pick(index, of: state.jobs.count)
        return .run(state.jobs.remove(at: index))
      }
      if state.isClosed { return .end }
      state.isAsleep = true
      return .sleep
    }
  }
}

/// Why a simulation cannot be played.
package struct SimulationError: Error, CustomStringConvertible {
  package var description: String

  init(_ description: String) { self.description = description }
}
