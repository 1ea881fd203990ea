import Glibc
import Synchronization

/// One thread on which tasks run one after the other, in the order in which they became ready.
///
/// On several threads the order of two tasks is chance, and a failure could not be played again.
final class SerialThread: TaskExecutor {
  private struct State {
    var jobs: [UnownedJob] = []
    var isClosed = false
  }

  private let state = Mutex(State())
  /// A pipe that has a byte for each time that the thread is to look.
  private let (output, input): (Int32, Int32)

  private init() throws {
    var ends: [Int32] = [0, 0]
    guard pipe(&ends) == 0 else { throw SimulationError("no pipe is to be had") }
    (self.output, self.input) = (ends[0], ends[1])
  }

  deinit {
    Glibc.close(self.output)
    Glibc.close(self.input)
  }

  /// Runs `body`, and whatever it starts, on a thread of its own.
  static func run<Result: Sendable>(_ body: @Sendable () async throws -> Result) async throws -> Result {
    let thread = try SerialThread()
    try thread.start()
    defer { thread.close() }
    return try await withTaskExecutorPreference(thread) { try await body() }
  }

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    let isClosed = self.state.withLock { state in
      if !state.isClosed { state.jobs.append(job) }
      return state.isClosed
    }
    if isClosed { globalConcurrentExecutor.enqueue(job) } else { self.wake() }
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

  private func work() {
    while true {
      var bytes = [UInt8](repeating: 0, count: 512)
      guard read(self.output, &bytes, bytes.count) > 0 else { continue }
      let (jobs, isClosed) = self.state.withLock { state in
        defer { state.jobs = [] }
        return (state.jobs, state.isClosed)
      }
      for job in jobs { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
      if isClosed { return }
    }
  }
}

/// Why a simulation cannot be played.
package struct SimulationError: Error, CustomStringConvertible {
  package var description: String

  init(_ description: String) { self.description = description }
}
