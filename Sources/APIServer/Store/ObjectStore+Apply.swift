import FoundationEssentials
import GRDB
import KubernetesModel

extension ObjectStore {
  /// Makes one change inside a transaction.
  ///
  /// A refusal writes nothing, so that the transaction can go on.
  static func apply(
    _ mutation: StoreMutation, revision: Int64, in database: Database
  ) throws -> Result<StoreEvent, StoreError> {
    if let required = mutation.requires {
      let sql = "SELECT terminating FROM object WHERE resource = ? AND namespace = ? AND name = ?"
      let statement = try database.cachedStatement(sql: sql)
      let terminating = try Bool.fetchOne(
        statement, arguments: [required.resource, required.namespace, required.name])
      guard let terminating else { return .failure(.requirementMissing) }
      if terminating { return .failure(.requirementTerminating) }
    }
    let row = try Self.row(of: mutation.key, in: database)
    switch mutation.change {
    case .create(let object):
      guard row == nil else { return .failure(.exists) }
      let stored = Self.stored(object, mutation, revision: revision)
      guard stored.bytes.count <= EmbeddedAPIServer.maximumBodyBytes else { return .failure(.tooLarge) }
      try Self.insert(stored, object, in: database)
      return .success(StoreEvent(kind: .added, object: stored))
    case .replace(let object, let expected):
      guard let row else { return .failure(.notFound) }
      guard row.object.revision == expected else { return .failure(.conflict) }
      let stored = Self.stored(object, mutation, revision: revision)
      guard stored.bytes.count <= EmbeddedAPIServer.maximumBodyBytes else { return .failure(.tooLarge) }
      try Self.update(row.identifier, stored, object, in: database)
      return .success(StoreEvent(kind: .modified, object: stored, previous: row.object))
    case .remove(let object, let expected):
      guard let row else { return .failure(.notFound) }
      guard row.object.revision == expected else { return .failure(.conflict) }
      try database.cachedStatement(sql: "DELETE FROM owner WHERE object = ?").execute(arguments: [row.identifier])
      try database.cachedStatement(sql: "DELETE FROM object WHERE id = ?").execute(arguments: [row.identifier])
      let stored = Self.stored(object, mutation, revision: revision)
      return .success(StoreEvent(kind: .deleted, object: stored, previous: row.object))
    }
  }

  private static func stored(_ object: APIObject, _ mutation: StoreMutation, revision: Int64) -> StoredObject {
    var object = object
    object.resourceVersion = String(revision)
    return StoredObject(
      key: mutation.key, revision: revision, bytes: object.json.serialized(), labels: object.labels,
      fields: mutation.fields)
  }

  private static func row(
    of key: StoreKey, in database: Database
  ) throws -> (identifier: Int64, object: StoredObject)? {
    let sql = """
      SELECT resource, namespace, name, revision, labels, fields, value, id FROM object
      WHERE resource = ? AND namespace = ? AND name = ?
      """
    let statement = try database.cachedStatement(sql: sql)
    guard let row = try Row.fetchOne(statement, arguments: [key.resource, key.namespace, key.name]) else { return nil }
    return (row[7], try StoredObject(row: row))
  }

  private static func insert(_ stored: StoredObject, _ object: APIObject, in database: Database) throws {
    let sql = """
      INSERT INTO object (resource, namespace, name, uid, revision, terminating, labels, fields, value)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
      """
    try database.cachedStatement(sql: sql).execute(
      arguments: [
        stored.key.resource, stored.key.namespace, stored.key.name, object.uid ?? "", stored.revision,
        object.isTerminating, Self.data(stored.labels), Self.data(stored.fields), Data(stored.bytes),
      ])
    try Self.insertOwners(of: object, identifier: database.lastInsertedRowID, in: database)
  }

  private static func update(
    _ identifier: Int64, _ stored: StoredObject, _ object: APIObject, in database: Database
  ) throws {
    let sql = "UPDATE object SET revision = ?, terminating = ?, labels = ?, fields = ?, value = ? WHERE id = ?"
    try database.cachedStatement(sql: sql).execute(
      arguments: [
        stored.revision, object.isTerminating, Self.data(stored.labels), Self.data(stored.fields), Data(stored.bytes),
        identifier,
      ])
    try database.cachedStatement(sql: "DELETE FROM owner WHERE object = ?").execute(arguments: [identifier])
    try Self.insertOwners(of: object, identifier: identifier, in: database)
  }

  private static func insertOwners(of object: APIObject, identifier: Int64, in database: Database) throws {
    for owner in Set(object.ownerReferences.compactMap { $0["uid"]?.stringValue }) {
      try database.cachedStatement(sql: "INSERT INTO owner VALUES (?, ?)").execute(arguments: [identifier, owner])
    }
  }

  private static func data(_ texts: [String: String]) -> Data {
    Data(JSONValue.object(texts.mapValues(JSONValue.string)).serialized())
  }
}

extension StoredObject {
  /// Reads a row that begins with resource, namespace, name, revision, labels, fields, value.
  init(row: Row) throws {
    self.key = StoreKey(resource: row[0], namespace: row[1], name: row[2])
    self.revision = row[3]
    self.labels = try Self.texts(row, column: 4)
    self.fields = try Self.texts(row, column: 5)
    self.bytes = try row.withUnsafeData(atIndex: 6) { Array($0 ?? Data()) }
  }

  /// The texts in a column, read in place.
  static func texts(_ row: Row, column: Int) throws -> [String: String] {
    try row.withUnsafeData(atIndex: column) { data in
      guard let data, data.count > 2 else { return [:] }
      return try data.withUnsafeBytes { bytes in
        try JSONValue(parsing: bytes.assumingMemoryBound(to: UInt8.self)).objectValue?
          .compactMapValues(\.stringValue) ?? [:]
      }
    }
  }

  /// The object itself.
  func decoded() throws(StoreError) -> APIObject {
    do {
      return APIObject(try JSONValue(parsing: self.bytes))
    } catch {
      throw .database("\(self.key.resource) \(self.key.namespace)/\(self.key.name) is damaged: \(error)")
    }
  }
}
