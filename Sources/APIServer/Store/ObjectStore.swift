import FoundationEssentials
import GRDB
import KubernetesModel
import Synchronization

/// Every object of every kind, in SQLite, under one revision that grows with each change.
///
/// Reads see one consistent state. Writes that arrive together share a transaction, and so the wait for the disk; each
/// is answered after it has been committed and published to ``history``. All SQLite work runs on GRDB's own queues.
final class ObjectStore: Sendable {
  /// The recent changes.
  let history: EventHistory
  private let database: any DatabaseWriter
  private let lock: DataFolderLock?
  private let commits: Mutex<CommitQueue>
  private let observe: @Sendable ([StoreEvent]) -> Void

  /// Opens the store.
  ///
  /// `observe` sees every change in order, before whoever made it gets an answer.
  ///
  /// - Throws: ``APIServerError``.
  init(
    _ storage: EmbeddedAPIServer.Configuration.Storage, historyEvents: Int, seed: [StoreMutation],
    observe: @escaping @Sendable ([StoreEvent]) -> Void
  ) throws(APIServerError) {
    self.observe = observe
    switch storage {
    case .memory:
      self.lock = nil
      self.database = try DatabaseOpening.inMemory()
    case .directory(let path):
      self.lock = try DataFolderLock(folder: path)
      self.database = try DatabaseOpening.file(in: path)
    }
    let revision: Int64
    do {
      revision = try self.database.write { database in
        var revision = try Self.revision(database)
        for mutation in seed {
          if case .success = try Self.apply(mutation, revision: revision + 1, in: database) { revision += 1 }
        }
        try database.execute(sql: "UPDATE revision SET value = ?", arguments: [revision])
        return revision
      }
    } catch {
      throw APIServerError(.storage, "cannot write the database: \(error)")
    }
    self.commits = Mutex(CommitQueue(revision: revision))
    self.history = EventHistory(after: revision, maximumEvents: historyEvents, maximumBytes: 64 << 20)
  }

  /// Ends all watches and closes the database.
  func close() {
    self.history.close()
    let rest = self.commits.withLock { $0.close() }
    for commit in rest { commit.answer(.failure(.closed)) }
    // What was committed is safe without either; they only leave a tidy folder behind, and must not hinder an exit.
    try? self.database.writeWithoutTransaction { _ = try $0.checkpoint(.truncate) }
    try? self.database.close()
    self.lock?.release()
  }

  /// Every object of a resource, read at once; for the start only, as it blocks.
  ///
  /// - Throws: ``APIServerError``.
  func loadAll(_ resource: String) throws(APIServerError) -> [StoredObject] {
    do {
      return try self.database.read { database in
        let sql = "SELECT resource, namespace, name, revision, labels, fields, value FROM object WHERE resource = ?"
        return try Array(
          try Row.fetchCursor(database, sql: sql, arguments: [resource]).map { try StoredObject(row: $0) })
      }
    } catch {
      throw APIServerError(.storage, "cannot read the database: \(error)")
    }
  }

  /// Makes one change and returns the object as it is stored then.
  func commit(_ mutation: StoreMutation) async throws(StoreError) -> StoredObject {
    let result = await withCheckedContinuation { (continuation: CheckedContinuation<_, Never>) in
      let commit = PendingCommit(mutation: mutation) { continuation.resume(returning: $0) }
      switch self.commits.withLock({ $0.add(commit) }) {
      case .wait: ()
      case .refuse: commit.answer(.failure(.closed))
      case .startDraining: self.database.asyncWriteWithoutTransaction { self.drain(into: $0) }
      }
    }
    return try result.get()
  }

  /// Runs on the writer's queue until nothing waits.
  private func drain(into database: Database) {
    while let batch = self.commits.withLock({ $0.takeBatch() }) {
      var revision = batch.revision
      var events: [StoreEvent] = []
      var results: [Result<StoredObject, StoreError>] = []
      do {
        try database.inTransaction(.immediate) {
          for commit in batch.commits {
            let result = try Self.apply(commit.mutation, revision: revision + 1, in: database)
            results.append(result.map(\.object))
            guard case .success(let event) = result else { continue }
            revision += 1
            events.append(event)
          }
          if !events.isEmpty {
            try database.cachedStatement(sql: "UPDATE revision SET value = ?").execute(arguments: [revision])
          }
          return .commit
        }
        self.commits.withLock { $0.committed(revision: revision) }
        self.observe(events)
        self.history.publish(events)
      } catch {
        results = batch.commits.map { _ in .failure(.database("\(error)")) }
      }
      for (commit, result) in zip(batch.commits, results) { commit.answer(result) }
    }
  }

  /// Runs a read on a reader's queue, all of it in one state of the database.
  func read<Value: Sendable>(_ body: @escaping @Sendable (Database) throws -> Value) async throws -> Value {
    do {
      return try await self.database.read(body)
    } catch let error as DatabaseError {
      throw StoreError.database("\(error)")
    }
  }
}

/// A change that waits for its transaction.
struct PendingCommit: Sendable {
  var mutation: StoreMutation
  var answer: @Sendable (Result<StoredObject, StoreError>) -> Void
}

/// Collects the changes that arrive while a transaction runs.
struct CommitQueue {
  static let maximumBatch = 256

  enum OnAdd: Equatable { case startDraining, wait, refuse }

  private(set) var revision: Int64
  private var waiting: [PendingCommit] = []
  private var isDraining = false
  private var isClosed = false

  init(revision: Int64) { self.revision = revision }

  mutating func add(_ commit: PendingCommit) -> OnAdd {
    guard !self.isClosed else { return .refuse }
    self.waiting.append(commit)
    guard !self.isDraining else { return .wait }
    self.isDraining = true
    return .startDraining
  }

  /// The next changes to make; nil once none waits, which ends the draining.
  mutating func takeBatch() -> (commits: [PendingCommit], revision: Int64)? {
    guard !self.waiting.isEmpty else {
      self.isDraining = false
      return nil
    }
    let batch = Array(self.waiting.prefix(Self.maximumBatch))
    self.waiting.removeFirst(batch.count)
    return (batch, self.revision)
  }

  mutating func committed(revision: Int64) { self.revision = revision }

  /// Takes no more changes; returns those that will not be made.
  mutating func close() -> [PendingCommit] {
    self.isClosed = true
    defer { self.waiting = [] }
    return self.waiting
  }
}
