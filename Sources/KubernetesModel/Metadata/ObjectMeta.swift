/// The metadata that every object carries (`metav1.ObjectMeta`).
///
/// Fields that we never read are left out; writes go
/// through patches, so the server keeps them.
public struct ObjectMeta: Sendable, Hashable, Codable {
  /// Unique among the objects of a kind in a namespace.
  public var name: String?
  /// A prefix from which the server makes a name.
  public var generateName: String?
  /// Nil for cluster-scoped kinds.
  public var namespace: String?
  /// Unique over space and time; given by the server.
  public var uid: String?
  /// Opaque; changes with every write.
  public var resourceVersion: String?
  /// Counts changes of the wanted state.
  public var generation: Int64?
  /// When the object was created.
  public var creationTimestamp: Timestamp?
  /// Set once deletion was asked for; the object stays while it has finalizers.
  public var deletionTimestamp: Timestamp?
  /// Seconds that a deletion grants.
  public var deletionGracePeriodSeconds: Int64?
  /// Keys and values to select by.
  public var labels: [String: String]?
  /// Keys and values that are not for selecting.
  public var annotations: [String: String]?
  /// The objects that this one depends on.
  public var ownerReferences: [OwnerReference]?
  /// Must be empty before the object goes.
  public var finalizers: [String]?

  /// Creates metadata.
  public init(
    name: String? = nil, generateName: String? = nil, namespace: String? = nil, labels: [String: String]? = nil,
    annotations: [String: String]? = nil
  ) {
    self.name = name
    self.generateName = generateName
    self.namespace = namespace
    self.labels = labels
    self.annotations = annotations
  }
}

extension ObjectMeta {
  /// The owner that controls the object, if it has one.
  public var controller: OwnerReference? { self.ownerReferences?.first { $0.controller == true } }

  /// Whether deletion was asked for.
  public var isBeingDeleted: Bool { self.deletionTimestamp != nil }

  /// The value of a label.
  public func label(_ key: String) -> String? { self.labels?[key] }

  /// The value of an annotation.
  public func annotation(_ key: String) -> String? { self.annotations?[key] }

  /// Whether the object carries the finalizer.
  public func hasFinalizer(_ finalizer: String) -> Bool { self.finalizers?.contains(finalizer) ?? false }
}

/// Names an owner in the same namespace.
public struct OwnerReference: Sendable, Hashable, Codable {
  /// Group and version of the owner.
  public var apiVersion: String
  /// Kind of the owner.
  public var kind: String
  /// Name of the owner.
  public var name: String
  /// The owner's uid: an owner of the same name that was made anew is another one.
  public var uid: String
  /// Whether this owner controls the object.
  public var controller: Bool?
  /// Whether foreground deletion of the owner waits for this object.
  public var blockOwnerDeletion: Bool?

  /// Creates a reference.
  public init(
    apiVersion: String, kind: String, name: String, uid: String, controller: Bool? = nil,
    blockOwnerDeletion: Bool? = nil
  ) {
    self.apiVersion = apiVersion
    self.kind = kind
    self.name = name
    self.uid = uid
    self.controller = controller
    self.blockOwnerDeletion = blockOwnerDeletion
  }
}

/// Names an object of a known kind.
public struct ObjectKey: Sendable, Hashable, Comparable, Codable, CustomStringConvertible {
  /// Nil for cluster-scoped kinds.
  public var namespace: String?
  /// The object's name.
  public var name: String

  /// Creates a key.
  public init(namespace: String?, name: String) {
    self.namespace = namespace
    self.name = name
  }

  /// `namespace/name`.
  public var description: String { self.namespace.map { "\($0)/\(self.name)" } ?? self.name }

  /// By namespace, then by name.
  public static func < (left: ObjectKey, right: ObjectKey) -> Bool {
    (left.namespace ?? "", left.name) < (right.namespace ?? "", right.name)
  }
}
