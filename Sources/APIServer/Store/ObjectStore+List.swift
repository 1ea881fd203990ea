import GRDB
import KubernetesModel

extension ObjectStore {
  /// The objects that a query asks for, in the order of namespace and name, and the revision of that state.
  ///
  /// - Throws: `StoreError.expired` if the state that is asked for is no longer known.
  func list(_ query: StoreQuery) async throws -> Listing {
    try await self.read { try self.list(query, in: $0) }
  }

  private func list(_ query: StoreQuery, in database: Database) throws -> Listing {
    // The first read fixes the state that this transaction sees; the history has noted every change in it by then.
    let present = try Self.revision(database)
    var rollback = Rollback()
    if let revision = query.revision, revision < present {
      guard let found = self.history.rollback(to: revision, of: query.resource) else { throw StoreError.expired }
      rollback = found
    }
    var listing = Listing(objects: [], revision: min(query.revision ?? present, present), present: present)
    var former = rollback.objects(query)[...]

    let (condition, arguments) = Self.condition(query)
    let sql = """
      SELECT resource, namespace, name, revision, labels, fields, value FROM object \(condition)
      ORDER BY namespace, name
      """
    let rows = try Row.fetchCursor(database.cachedStatement(sql: sql), arguments: arguments)
    while !listing.hasMore, let row = try rows.next() {
      let key = StoreKey(resource: row[0], namespace: row[1], name: row[2])
      guard !rollback.covers(key) else { continue }
      let labels = try StoredObject.texts(row, column: 4)
      guard try query.matches(key: key, labels: labels, fields: StoredObject.texts(row, column: 5)) else { continue }
      while let object = former.first,
        StoreKey.isOrdered((object.key.namespace, object.key.name), (key.namespace, key.name)), !listing.hasMore
      {
        listing.append(former.removeFirst(), limit: query.limit)
      }
      if query.limit.map({ listing.objects.count >= $0 }) ?? false { listing.hasMore = true }
      if !listing.hasMore { listing.objects.append(try StoredObject(row: row)) }
    }
    while let object = former.popFirst(), !listing.hasMore { listing.append(object, limit: query.limit) }

    if listing.hasMore, query.countsRemaining, query.isUnselective {
      let total = try Int64.fetchOne(
        database.cachedStatement(sql: "SELECT count(*) FROM object \(condition)"), arguments: arguments)
      let difference = try self.difference(rollback, query, in: database)
      listing.remaining = max(1, (total ?? 0) + difference - Int64(listing.objects.count))
    }
    return listing
  }

  /// How many more objects there were in the state that is asked for than there are now.
  private func difference(_ rollback: Rollback, _ query: StoreQuery, in database: Database) throws -> Int64 {
    guard !rollback.former.isEmpty else { return 0 }
    let sql = "SELECT 1 FROM object WHERE resource = ? AND namespace = ? AND name = ?"
    let statement = try database.cachedStatement(sql: sql)
    var difference = Int64(rollback.objects(query).count)
    for key in rollback.former.keys where query.reaches(key) {
      let isThere = try Int.fetchOne(statement, arguments: [key.resource, key.namespace, key.name]) != nil
      if isThere { difference -= 1 }
    }
    return difference
  }

  private static func condition(_ query: StoreQuery) -> (sql: String, arguments: StatementArguments) {
    var sql = "WHERE resource = ?"
    var arguments: StatementArguments = [query.resource]
    if let namespace = query.namespace {
      sql += " AND namespace = ?"
      arguments += [namespace]
    }
    if let after = query.after {
      sql += " AND (namespace, name) > (?, ?)"
      arguments += [after.namespace, after.name]
    }
    return (sql, arguments)
  }
}

extension ObjectStore.Listing {
  /// Appends an object, or notes that the limit leaves no room for it.
  fileprivate mutating func append(_ object: StoredObject, limit: Int?) {
    if let limit, self.objects.count >= limit { self.hasMore = true } else { self.objects.append(object) }
  }
}

extension StoreQuery {
  /// Whether a key lies in the range that is asked for, whatever the selectors say.
  fileprivate func reaches(_ key: StoreKey) -> Bool {
    guard key.resource == self.resource, self.namespace == nil || self.namespace == key.namespace else { return false }
    guard let after = self.after else { return true }
    return StoreKey.isOrdered((after.namespace, after.name), (key.namespace, key.name))
  }
}
