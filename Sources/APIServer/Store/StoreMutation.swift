/// One change that the store is asked for.
///
/// It happens wholly or not at all.
struct StoreMutation: Sendable {
  enum Change: Sendable {
    /// Adds an object whose key must be free.
    case create(APIObject)
    /// Replaces the object, if its revision is still this one.
    case replace(APIObject, ifRevision: Int64)
    /// Removes the object, if its revision is still this one; watchers see the object as given.
    case remove(APIObject, ifRevision: Int64)
  }

  var key: StoreKey
  var change: Change
  /// The values that field selectors may ask for.
  var fields: [String: String]
  /// The key of an object that must exist and not be terminating: the namespace of an object that is created.
  var requires: StoreKey?

  init(_ key: StoreKey, _ change: Change, fields: [String: String] = [:], requires: StoreKey? = nil) {
    self.key = key
    self.change = change
    self.fields = fields
    self.requires = requires
  }
}

/// Why the store refused a change or could not answer.
enum StoreError: Error, Sendable, Hashable {
  /// The key is taken.
  case exists
  /// There is no such object.
  case notFound
  /// The object has changed since.
  case conflict
  /// The object that the change requires does not exist.
  case requirementMissing
  /// The object that the change requires is being deleted.
  case requirementTerminating
  /// The object is larger than one may be.
  case tooLarge
  /// What is asked for was so long ago that it is no longer known.
  case expired
  /// The store has been closed.
  case closed
  /// The database failed.
  case database(String)
}
