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
