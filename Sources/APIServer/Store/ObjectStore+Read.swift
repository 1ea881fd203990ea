import GRDB
import KubernetesModel

/// Which objects of a resource are asked for.
struct StoreQuery: Sendable {
  var resource: String
  /// Nil for all namespaces.
  var namespace: String?
  var labels = LabelQuery()
  var fields = FieldSelector()
  /// At most this many objects.
  var limit: Int?
  /// Only objects after this one, in the order of namespace and name.
  var after: (namespace: String, name: String)?
  /// The revision whose state is asked for; nil for the present one.
  var revision: Int64?
  /// Whether to count what the limit cuts off.
  var countsRemaining = false

  /// Whether every object of the resource, or of the namespace, is asked for.
  var isUnselective: Bool { self.labels.requirements.isEmpty && self.fields.requirements.isEmpty }

  /// Whether an object is asked for.
  func matches(_ object: StoredObject) -> Bool {
    guard object.key.resource == self.resource, self.namespace == nil || self.namespace == object.key.namespace else {
      return false
    }
    return self.matches(key: object.key, labels: object.labels, fields: object.fields)
  }

  /// Whether the selectors match.
  func matches(key: StoreKey, labels: [String: String], fields: [String: String]) -> Bool {
    guard self.labels.matches(labels) else { return false }
    return self.fields.requirements.allSatisfy { requirement in
      switch requirement.field {
      case "metadata.name": requirement.matches(key.name)
      case "metadata.namespace": requirement.matches(key.namespace)
      default: requirement.matches(fields[requirement.field])
      }
    }
  }
}

extension ObjectStore {
  /// Objects of one resource as they were at one revision.
  struct Listing: Sendable {
    var objects: [StoredObject]
    var revision: Int64
    /// The revision of the database that it was read from.
    var present: Int64
    /// Whether the limit cut the list short.
    var hasMore = false
    /// How many objects the limit cut off; nil if they were not counted.
    var remaining: Int64?
  }

  /// One object; nil if there is none.
  func object(_ key: StoreKey) async throws -> StoredObject? {
    try await self.read { database in
      let sql = """
        SELECT resource, namespace, name, revision, labels, fields, value FROM object
        WHERE resource = ? AND namespace = ? AND name = ?
        """
      let statement = try database.cachedStatement(sql: sql)
      return try Row.fetchOne(statement, arguments: [key.resource, key.namespace, key.name]).map(
        StoredObject.init(row:))
    }
  }

  /// The revision of the last change in this state of the database.
  static func revision(_ database: Database) throws -> Int64 {
    try Int64.fetchOne(database.cachedStatement(sql: "SELECT value FROM revision")) ?? 0
  }

  /// The objects that name one of these uids as an owner.
  func dependents(of uid: String) async throws -> [StoredObject] {
    try await self.read { database in
      let sql = """
        SELECT resource, namespace, name, revision, labels, fields, value FROM object
        JOIN owner ON owner.object = object.id WHERE owner.uid = ?
        """
      return try Row.fetchCursor(database.cachedStatement(sql: sql), arguments: [uid]).map(StoredObject.init(row:))
        .toArray()
    }
  }

  /// The key of the object with this uid; nil if there is none.
  func key(ofUID uid: String) async throws -> StoreKey? {
    try await self.read { database in
      let statement = try database.cachedStatement(sql: "SELECT resource, namespace, name FROM object WHERE uid = ?")
      return try Row.fetchOne(statement, arguments: [uid]).map {
        StoreKey(resource: $0[0], namespace: $0[1], name: $0[2])
      }
    }
  }

  /// Every object that names an owner.
  func ownedObjects() async throws -> [StoreKey] {
    try await self.read { database in
      let sql = "SELECT DISTINCT resource, namespace, name FROM object JOIN owner ON owner.object = object.id"
      return try Row.fetchAll(database, sql: sql).map { StoreKey(resource: $0[0], namespace: $0[1], name: $0[2]) }
    }
  }

  /// Every object that is being deleted.
  func terminatingObjects() async throws -> [StoreKey] {
    try await self.read { database in
      let sql = "SELECT resource, namespace, name FROM object WHERE terminating ORDER BY id"
      return try Row.fetchAll(database, sql: sql).map { StoreKey(resource: $0[0], namespace: $0[1], name: $0[2]) }
    }
  }

  /// The keys of the objects in a namespace, of every resource.
  func keys(inNamespace namespace: String) async throws -> [StoreKey] {
    try await self.read { database in
      let sql = "SELECT resource, namespace, name FROM object WHERE namespace = ? ORDER BY id"
      return try Row.fetchAll(database, sql: sql, arguments: [namespace]).map {
        StoreKey(resource: $0[0], namespace: $0[1], name: $0[2])
      }
    }
  }
}

extension Cursor {
  fileprivate func toArray() throws -> [Element] { try Array(self) }
}
