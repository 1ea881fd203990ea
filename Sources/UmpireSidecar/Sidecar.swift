import DequeModule
package import KubernetesClient
package import KubernetesModel
import KubernetesRuntime
package import Logging
import ServiceLifecycle
import Synchronization
import UmpireModel

/// Keeps the flags of one Server: reads them from its conditions, stores what is set, and follows its deletion.
///
/// Reads are answered from memory, so they work while the API server is away. A flag counts as set only once it is
/// stored. Writes are made one after the other, so that memory and conditions never disagree about which came last.
///
/// To use a sidecar, run it as a service beside the ``HTTPService`` of its ``router(metrics:)``.
package final class Sidecar: ServiceLifecycle.Service {
  private let source: Source
  private let probing: SidecarProbing?
  private let writeDeadline: Duration
  private let logger: Logger
  private let state: Mutex<State>
  private let queued = AsyncSignal()

  /// Where the flags are kept.
  package enum Source: Sendable {
    /// In memory only; they are lost with the process.
    case memory
    /// As conditions of a Server.
    case server(APIClient, ObjectKey)
  }

  private struct State {
    var sidecar: SidecarState
    var queue: Deque<Write> = []
    var isStopped = false
  }

  private struct Write {
    var flag: SidecarFlag
    var value: Bool
    var deadline: ContinuousClock.Instant
    var done: CheckedContinuation<Void, any Error>
  }

  /// Creates a sidecar, which does nothing until ``run()`` is called.
  ///
  /// - Parameters:
  ///   - probing: Asks the Server's webhooks; nil if nobody is to.
  ///   - writeDeadline: How long setting a flag may take until it fails.
  package init(
    source: Source, probing: SidecarProbing? = nil, logger: Logger, writeDeadline: Duration = .seconds(5)
  ) {
    self.source = source
    self.probing = probing
    self.logger = logger
    self.writeDeadline = writeDeadline
    switch source {
    case .memory: self.state = Mutex(State(sidecar: .standalone))
    case .server: self.state = Mutex(State(sidecar: SidecarState()))
    }
  }

  /// The value of a flag, or nil while the Server has not been read yet.
  package func value(of flag: SidecarFlag) -> Bool? {
    self.state.withLock { $0.sidecar.answer(flag) }
  }

  /// Sets a flag, and returns once it is stored.
  ///
  /// - Throws: ``SidecarError`` when that could not be done in time; the flag is then as it was.
  package func set(_ flag: SidecarFlag, to value: Bool) async throws {
    try await withCheckedThrowingContinuation { (done: CheckedContinuation<Void, any Error>) in
      let write = Write(flag: flag, value: value, deadline: .now + self.writeDeadline, done: done)
      let answer: Result<Void, any Error>? = self.state.withLock { state in
        if state.isStopped { return .failure(SidecarError(.stopping, "the sidecar is stopping")) }
        if state.sidecar.answer(flag) == nil {
          return .failure(SidecarError(.notStored, "the Server has not been read from the API server yet"))
        }
        if state.queue.isEmpty, !state.sidecar.needsWrite(flag, value) { return .success(()) }
        state.queue.append(write)
        return nil
      }
      if let answer { done.resume(with: answer) } else { self.queued.notify() }
    }
  }

  /// Follows the Server and stores flags until the task is cancelled or gracefully shut down.
  package func run() async throws {
    await cancelWhenGracefulShutdown {
      await withTaskGroup(of: Void.self) { group in
        if case .server(let client, let key) = self.source {
          group.addTask { await self.watcher(client, key).run() }
        }
        if let probing = self.probing { group.addTask { await probing.run() } }
        await self.storeFlags()
        group.cancelAll()
      }
    }
    let left = self.state.withLock { state in
      state.isStopped = true
      defer { state.queue = [] }
      return state.queue
    }
    for write in left { write.done.resume(throwing: SidecarError(.stopping, "the sidecar is stopping")) }
  }

  private func watcher(_ client: APIClient, _ key: ObjectKey) -> Watcher<Server> {
    Watcher(
      client: client, namespace: key.namespace, options: ListOptions(fieldSelector: "metadata.name=\(key.name)"),
      logger: self.logger
    ) { change in
      self.state.withLock { state in
        switch change {
        case .added(let server), .updated(_, let server):
          state.sidecar.observe(SidecarFlags(server), isTerminating: server.metadata.deletionTimestamp != nil)
        case .removed: state.sidecar.observeRemoval()
        }
      }
      self.probing?.take(change)
    }
  }

  /// The first write stays at the head of the queue while it is made, so that whoever comes meanwhile queues up.
  private func storeFlags() async {
    let writer = self.writer
    while !Task.isCancelled {
      guard let write = self.state.withLock({ $0.queue.first }) else {
        await self.queued.wait()
        continue
      }
      let result = await self.store(write, with: writer)
      self.state.withLock { state in
        state.queue.removeFirst()
        if case .success = result { state.sidecar.wrote(write.flag, write.value) }
      }
      write.done.resume(with: result)
    }
  }

  private func store(_ write: Write, with writer: any FlagWriter) async -> Result<Void, any Error> {
    guard self.state.withLock({ $0.sidecar.needsWrite(write.flag, write.value) }) else { return .success(()) }
    do {
      try await withDeadline(write.deadline) { try await writer.write(write.flag, write.value) }
      self.logger.info(
        "Flag stored", metadata: ["flag": "\(write.flag)", "value": .stringConvertible(write.value)])
      return .success(())
    } catch {
      self.logger.warning(
        "Flag not stored",
        metadata: ["flag": "\(write.flag)", "value": .stringConvertible(write.value), "error": "\(error)"])
      return .failure(SidecarError(.notStored, "the flag could not be stored: \(error)"))
    }
  }

  private var writer: any FlagWriter {
    switch self.source {
    case .memory: UnstoredFlagWriter()
    case .server(let client, let key): ConditionFlagWriter(client: client, server: key)
    }
  }
}

/// Runs `operation` and cancels it at `deadline`.
func withDeadline(
  _ deadline: ContinuousClock.Instant, _ operation: @escaping @Sendable () async throws -> Void
) async throws {
  struct Passed: Error, CustomStringConvertible { var description: String { "the API server cannot be reached" } }
  try await withThrowingTaskGroup(of: Void.self) { group in
    group.addTask { try await operation() }
    group.addTask {
      try await Task.sleep(until: deadline, clock: .continuous)
      throw Passed()
    }
    defer { group.cancelAll() }
    try await group.next()
  }
}
