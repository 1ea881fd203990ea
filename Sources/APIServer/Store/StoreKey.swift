/// Names one object in the store.
struct StoreKey: Sendable, Hashable {
  /// `plural.group`, or the plural alone for the core group: `fleets.umpire.dev`, `pods`.
  var resource: String
  /// Empty for objects without a namespace.
  var namespace: String
  var name: String

  /// Whether an object stands before another in a list: by namespace, then name, byte by byte as the database sorts.
  static func isOrdered(_ one: (namespace: String, name: String), _ other: (namespace: String, name: String)) -> Bool {
    guard one.namespace.utf8.elementsEqual(other.namespace.utf8) else {
      return one.namespace.utf8.lexicographicallyPrecedes(other.namespace.utf8)
    }
    return one.name.utf8.lexicographicallyPrecedes(other.name.utf8)
  }
}

/// One object as it is stored.
struct StoredObject: Sendable {
  var key: StoreKey
  /// The revision of the last write: the object's resource version.
  var revision: Int64
  /// The object as JSON, `metadata.resourceVersion` included.
  var bytes: [UInt8]
  var labels: [String: String]
  /// The values that field selectors may ask for.
  var fields: [String: String]
}

/// One change of one object.
struct StoreEvent: Sendable {
  enum Kind: Sendable { case added, modified, deleted }
  var kind: Kind
  /// The object after the change, or as it last was if it was deleted; its revision is the change's.
  var object: StoredObject
  /// The object before the change.
  var previous: StoredObject?

  /// About how much memory the event holds.
  var size: Int { self.object.bytes.count + (self.previous?.bytes.count ?? 0) + 512 }
}
