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
  private let use = Mutex(DatabaseUse())
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

  /// Ends all watches and refuses what comes after; the database is closed once nothing reads it any more.
  func close() {
    guard let closesNow = self.use.withLock({ $0.close() }) else { return }
    self.history.close()
    let rest = self.commits.withLock { $0.close() }
    for commit in rest { commit.answer(.failure(.closed)) }
    // What was committed is safe without it; it only leaves a tidy folder behind, and must not hinder an exit.
    try? self.database.writeWithoutTransaction { _ = try $0.checkpoint(.truncate) }
    // Whatever was being written is written by now, so that another instance may begin.
    self.lock?.release()
    if closesNow { self.closeDatabase() }
  }

  private func closeDatabase() {
    // What it could fail with has no bearing on what is stored.
    try? self.database.close()
  }

  /// Lets `body` use the database, which is not closed meanwhile.
  ///
  /// - Throws: `StoreError.closed`, or what `body` throws.
  private func using<Value, Failure: Error>(
    else failure: Failure, _ body: () async throws(Failure) -> Value
  ) async throws(Failure) -> Value {
    guard self.use.withLock({ $0.begin() }) else { throw failure }
    defer { if self.use.withLock({ $0.end() }) { self.closeDatabase() } }
    return try await body()
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
    try await self.using(else: .closed) { () async throws(StoreError) in try await self.enqueue(mutation) }
  }

  private func enqueue(_ mutation: StoreMutation) async throws(StoreError) -> StoredObject {
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
            self.history.prepare(events)
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
    try await self.using(else: StoreError.closed as any Error) {
      do {
        return try await self.database.read(body)
      } catch let error as DatabaseError {
        throw StoreError.database("\(error)")
      }
    }
  }
}
