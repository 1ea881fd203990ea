/// Counts what uses the database, so that it is closed only once nothing does.
struct DatabaseUse {
  private var users = 0
  private var isClosed = false

  /// Whether the database may be used.
  mutating func begin() -> Bool {
    guard !self.isClosed else { return false }
    self.users += 1
    return true
  }

  /// Ends a use; true if the database is to be closed now.
  mutating func end() -> Bool {
    self.users -= 1
    return self.isClosed && self.users == 0
  }

  /// Refuses further use; true if the database is to be closed now, nil if that was done before.
  mutating func close() -> Bool? {
    guard !self.isClosed else { return nil }
    self.isClosed = true
    return self.users == 0
  }
}
