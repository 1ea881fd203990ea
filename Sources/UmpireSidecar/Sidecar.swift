import HTTPTransport
package import KubernetesClient
package import KubernetesModel
import KubernetesRuntime
package import Logging
import ServiceLifecycle
import Synchronization
package import UmpireModel

/// Follows one Server, answers what is known of it, and stores what its game changes about it.
///
/// Reads are answered from memory, so they work while the API server is away. A change counts as made only once it is
/// stored. Changes are stored one after the other, so that memory and the API server never disagree about which came last.
///
/// To use a sidecar, run it as a service beside the ``HTTPService`` of its ``router(metrics:)``.
package final class Sidecar: ServiceLifecycle.Service, OwnServer {
  private let source: Source
  private let writer: any ServerWriter
  private let probing: SidecarProbing?
  private let logger: Logger
  private let state: Mutex<State>
  private let servers = Broadcast<Server>()
  private let flags = Broadcast<SidecarFlags>()
  private let queued = AsyncSignal()
  private let abandoned = AsyncSignal()
  private let hurry = AsyncSignal()
  private let now: @Sendable () -> Timestamp
  /// What the game has said since it was started again, and what was set back with what it had said before.
  private let restatements: AsyncStream<ServerChange>
  private let restate: AsyncStream<ServerChange>.Continuation

  /// How long setting a flag may take until it fails.
  let writeDeadline: Duration

  /// The pauses between tries grow from the first to the second.
  private static let pauses = Duration.milliseconds(100)...Duration.seconds(2)
  /// What was refused so often, each time on the newest Server, will be refused again.
  private static let mostRefusals = 6

  /// Where the Server is kept.
  package enum Source: Sendable {
    /// In memory only; what is changed is lost with the process.
    case memory(Server)
    /// In the API server.
    case server(APIClient, ObjectKey)
  }

  private struct State {
    var view = ServerView()
    var queue = ChangeQueue()
    var waiting: [ChangeQueue.Waiter: CheckedContinuation<Result<Void, SidecarError>, Never>] = [:]
    var lastWaiter: ChangeQueue.Waiter = 0
    var isStopping = false
    var words = GameWords()
  }

  /// Creates a sidecar, which does nothing until ``run()`` is called.
  ///
  /// - Parameters:
  ///   - probing: Asks the Server's webhooks; nil if nobody is to.
  ///   - writeDeadline: How long setting a flag may take until it fails.
  package init(
    source: Source, probing: SidecarProbing? = nil, logger: Logger, writeDeadline: Duration = .seconds(5),
    now: @escaping @Sendable () -> Timestamp = { .now }
  ) {
    self.source = source
    self.probing = probing
    self.logger = logger
    self.writeDeadline = writeDeadline
    self.now = now
    self.state = Mutex(State())
    (self.restatements, self.restate) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(64))
    switch source {
    case .memory(let server):
      self.writer = MemoryServerWriter(now: now)
      self.see { $0.observe(server) }
    case .server(let client, _): self.writer = APIServerWriter(client: client, now: now)
    }
  }

  // MARK: What is known

  package var server: Server? { self.state.withLock { $0.view.server } }

  package func updates() -> AsyncStream<Server> { self.servers.stream() }

  /// The value of a flag, or nil while the Server has not been read yet.
  package func value(of flag: SidecarFlag) -> Bool? { self.state.withLock { $0.view.flags?[flag] } }

  /// The flags as they are, at once if the Server has been read, and after every change.
  func flagUpdates() -> AsyncStream<SidecarFlags> { self.flags.stream() }

  /// How many wait for a flag to change.
  var flagReaders: Int { self.flags.readers }

  /// Changes what is known, and tells those who follow it.
  private func see(_ change: (inout ServerView) -> Bool) {
    self.state.withLock { state in
      let before = state.view.flags
      guard change(&state.view) else { return }
      for word in state.words.observe(state.view.server) { self.restate.yield(word) }
      // Under the lock, so that nobody is told of an older state after a newer one.
      if let server = state.view.server { self.servers.send(server) }
      if let flags = state.view.flags, flags != before { self.flags.send(flags) }
    }
  }

  // MARK: Changes

  /// Sets a flag, and returns once it is stored.
  ///
  /// - Throws: ``SidecarError`` when that could not be done in time; the flag is then as it was.
  package func set(_ flag: SidecarFlag, to value: Bool) async throws(SidecarError) {
    let stored: Void?
    do {
      stored = try await withTimeLimit(self.writeDeadline) { try await self.store(flag.change(to: value)) }
    } catch let error as SidecarError {
      throw error
    } catch {
      throw SidecarError(.withdrawn, "the flag was not stored: \(error)")
    }
    guard stored == nil else { return }
    self.logger.warning("Flag not stored in time", metadata: ["flag": "\(flag)", "value": .stringConvertible(value)])
    throw SidecarError(.notStored, "the flag could not be stored within \(self.writeDeadline): the API server is away")
  }

  package func store(_ change: ServerChange) async throws(SidecarError) {
    let time = self.now()
    self.state.withLock { $0.words.note(change, at: time) }
    do throws(SidecarError) {
      try await self.carryOut(change)
    } catch {
      self.state.withLock { $0.words.forget(change, at: time) }
      throw error
    }
  }

  private func carryOut(_ change: ServerChange) async throws(SidecarError) {
    let waiter: ChangeQueue.Waiter = self.state.withLock { state in
      state.lastWaiter += 1
      return state.lastWaiter
    }
    let result = await withTaskCancellationHandler {
      await withCheckedContinuation { (done: CheckedContinuation<Result<Void, SidecarError>, Never>) in
        let answer: Result<Void, SidecarError>? = self.state.withLock { state in
          if let answer = Self.answer(to: change, state) { return answer }
          guard state.queue.add(change, waiter: waiter) else {
            return .failure(SidecarError(.overloaded, "too many changes wait for the API server already"))
          }
          state.waiting[waiter] = done
          return nil
        }
        if let answer { done.resume(returning: answer) } else { self.queued.notify() }
      }
    } onCancel: {
      self.withdraw(waiter)
    }
    try result.get()
  }

  /// How many callers wait for a change to be stored.
  var waitingChanges: Int { self.state.withLock { $0.waiting.count } }

  /// What can be said at once about a change; nil if it has to be stored.
  private static func answer(to change: ServerChange, _ state: State) -> Result<Void, SidecarError>? {
    // Whoever is cancelled later finds itself in the queue.
    if Task.isCancelled { return .failure(Self.withdrawn) }
    if state.isStopping { return .failure(SidecarError(.stopping, "the sidecar is stopping")) }
    if state.view.isGone { return .failure(Self.gone) }
    guard let server = state.view.server else {
      return .failure(SidecarError(.notStored, "the Server has not been read from the API server yet"))
    }
    return change.isMade(on: server) && !state.queue.concerns(change.subject) ? .success(()) : nil
  }

  private func withdraw(_ waiter: ChangeQueue.Waiter) {
    let (done, isAbandoned) = self.state.withLock { state in
      (state.waiting.removeValue(forKey: waiter), state.queue.withdraw(waiter) == .abandoned)
    }
    done?.resume(returning: .failure(Self.withdrawn))
    if isAbandoned { self.abandoned.notify() }
  }

  private static let withdrawn = SidecarError(.withdrawn, "nobody waits for the change any longer")
  private static let gone = SidecarError(.gone, "there is no such Server any more")

  // MARK: Running

  /// Follows the Server and stores changes until the task is cancelled or gracefully shut down.
  ///
  /// When it is shut down it still stores what waits, each change with one try.
  package func run() async throws {
    await withTaskGroup(of: Void.self) { group in
      if case .server(let client, let key) = self.source {
        group.addTask { await self.watcher(client, key).run() }
      }
      if let probing = self.probing { group.addTask { await probing.run() } }
      group.addTask { await self.storeRestatements() }
      await withGracefulShutdownHandler {
        await self.storeChanges()
      } onGracefulShutdown: {
        self.state.withLock { $0.isStopping = true }
        self.queued.notify()
        self.hurry.notify()
      }
      group.cancelAll()
    }
    let left = self.state.withLock { state in
      state.isStopping = true
      _ = state.queue.drain()
      defer { state.waiting = [:] }
      return state.waiting
    }
    for done in left.values { done.resume(returning: .failure(SidecarError(.stopping, "the sidecar is stopping"))) }
    self.servers.finish()
    self.flags.finish()
  }

  private func watcher(_ client: APIClient, _ key: ObjectKey) -> Watcher<Server> {
    Watcher(
      client: client, namespace: key.namespace, options: ListOptions(fieldSelector: "metadata.name=\(key.name)"),
      logger: self.logger
    ) { change in
      switch change {
      case .added(let server), .updated(_, let server): self.see { $0.observe(server) }
      case .removed: self.see { $0.observeRemoval() }
      }
      self.probing?.take(change)
    }
  }

  private func storeRestatements() async {
    for await change in self.restatements {
      do {
        try await self.carryOut(change)
        self.logger.info(
          "The game was started again; what it has said since counts", metadata: ["change": "\(change.subject)"])
      } catch {
        self.logger.warning(
          "Change not stored", metadata: ["change": "\(change.subject)", "error": "\(error)"])
      }
    }
  }

  private func storeChanges() async {
    var pause = Self.pauses.lowerBound
    while !Task.isCancelled {
      let (entry, isStopping) = self.state.withLock { ($0.queue.begin(), $0.isStopping) }
      guard let entry else {
        if isStopping { return }
        await self.queued.wait()
        continue
      }
      switch await self.outcome(of: entry) {
      case .over(let result):
        pause = Self.pauses.lowerBound
        self.tell(result)
      case .again(let isRefused, let advice):
        if isStopping {
          self.tell(.failure(SidecarError(.stopping, "the sidecar is stopping")))
          continue
        }
        self.state.withLock { $0.queue.retry(isRefused: isRefused) }
        await self.hurry.wait(until: .now + max(pause, advice ?? .zero), clock: .continuous)
        pause = min(pause * 2, Self.pauses.upperBound)
      }
    }
  }

  /// Tells those who wait for the change that is under way what has become of it.
  private func tell(_ result: Result<Void, SidecarError>) {
    let waiting = self.state.withLock { state in
      state.queue.finish().compactMap { state.waiting.removeValue(forKey: $0) }
    }
    for done in waiting { done.resume(returning: result) }
  }

  private enum Outcome: Sendable {
    case over(Result<Void, SidecarError>)
    case again(isRefused: Bool, after: Duration?)
  }

  /// Tries once, and gives up when nobody waits for it any longer.
  private func outcome(of entry: ChangeQueue.Entry) async -> Outcome {
    await withTaskGroup(of: Outcome?.self) { group in
      group.addTask { await self.attempt(entry) }
      group.addTask {
        // The signal may be one about an earlier change.
        while !Task.isCancelled, self.state.withLock({ $0.queue.underWay?.waiters.isEmpty == false }) {
          await self.abandoned.wait()
        }
        return Task.isCancelled ? nil : .over(.failure(Self.withdrawn))
      }
      let outcome = await group.next()
      group.cancelAll()
      return (outcome ?? nil) ?? .over(.failure(Self.withdrawn))
    }
  }

  private func attempt(_ entry: ChangeQueue.Entry) async -> Outcome {
    guard let server = self.server else { return .over(.failure(Self.gone)) }
    let metadata: Logger.Metadata = ["change": "\(entry.change.subject)"]
    do {
      guard let written = try await self.writer.write(entry.change, to: server) else {
        self.see { $0.observeRemoval() }
        return .over(.failure(Self.gone))
      }
      self.see { $0.wrote(written) }
      self.logger.debug("Change stored", metadata: metadata)
      return .over(.success(()))
    } catch {
      self.logger.warning(
        "Change not stored", metadata: metadata.merging(["error": "\(error)"]) { $1 })
      return Self.verdict(on: error, refusals: entry.refusals)
    }
  }

  /// Whether a failure passes: others came in between, or the API server is away or busy.
  private static func verdict(on error: any Error, refusals: Int) -> Outcome {
    guard let error = error as? APIError else {
      return .over(.failure(SidecarError(.notStored, "the change could not be stored: \(error)")))
    }
    let refused = Outcome.over(.failure(SidecarError(.refused, "the API server refused it: \(error)")))
    switch error.code {
    case .transport: return .again(isRefused: false, after: nil)
    case .malformedAnswer, .invalidRequest: return refused
    case .status(let status):
      switch status.code ?? 0 {
      case 409, 422: return refusals < Self.mostRefusals ? .again(isRefused: true, after: nil) : refused
      case 429, 500...599: return .again(isRefused: false, after: error.retryAfter)
      default: return refused
      }
    }
  }
}
