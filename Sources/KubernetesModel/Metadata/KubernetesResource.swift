/// A kind of the Kubernetes API and the path under which it is served.
public struct ResourceType: Sendable, Hashable {
  /// Empty for the core group.
  public var group: String
  /// For example `v1alpha1`.
  public var version: String
  /// For example `Fleet`.
  public var kind: String
  /// Lower case, as in paths: `fleets`.
  public var plural: String
  /// Whether objects live in a namespace.
  public var isNamespaced: Bool

  /// Creates a resource type.
  public init(group: String, version: String, kind: String, plural: String, isNamespaced: Bool = true) {
    self.group = group
    self.version = version
    self.kind = kind
    self.plural = plural
    self.isNamespaced = isNamespaced
  }

  /// `group/version`, or the version alone for the core group.
  public var apiVersion: String { self.group.isEmpty ? self.version : "\(self.group)/\(self.version)" }
}

/// A typed object of the Kubernetes API.
public protocol KubernetesResource: Codable, Sendable {
  /// The kind and its path.
  static var resourceType: ResourceType { get }
  /// The object's metadata.
  var metadata: ObjectMeta { get set }
}

extension KubernetesResource {
  /// Namespace and name.
  public var key: ObjectKey { ObjectKey(namespace: self.metadata.namespace, name: self.metadata.name ?? "") }

  /// A controller reference to this object, for its children.
  public var controllerReference: OwnerReference {
    OwnerReference(
      apiVersion: Self.resourceType.apiVersion, kind: Self.resourceType.kind, name: self.metadata.name ?? "",
      uid: self.metadata.uid ?? "", controller: true, blockOwnerDeletion: true)
  }

  /// Whether `child` is controlled by this very object, not by an earlier one of its name.
  public func controls(_ child: some KubernetesResource) -> Bool {
    guard let uid = self.metadata.uid, let controller = child.metadata.controller else { return false }
    return controller.uid == uid
  }

  /// A reference for Events and log lines.
  public var reference: ObjectReference {
    ObjectReference(
      apiVersion: Self.resourceType.apiVersion, kind: Self.resourceType.kind, name: self.metadata.name ?? "",
      namespace: self.metadata.namespace, uid: self.metadata.uid, resourceVersion: self.metadata.resourceVersion)
  }
}

/// Points at an object (`v1.ObjectReference`).
public struct ObjectReference: Sendable, Hashable, Codable {
  /// Group and version.
  public var apiVersion: String?
  /// Kind.
  public var kind: String?
  /// Name.
  public var name: String?
  /// Namespace.
  public var namespace: String?
  /// The object's uid.
  public var uid: String?
  /// The version that was seen.
  public var resourceVersion: String?

  /// Creates a reference.
  public init(
    apiVersion: String? = nil, kind: String? = nil, name: String? = nil, namespace: String? = nil, uid: String? = nil,
    resourceVersion: String? = nil
  ) {
    self.apiVersion = apiVersion
    self.kind = kind
    self.name = name
    self.namespace = namespace
    self.uid = uid
    self.resourceVersion = resourceVersion
  }
}

/// A list as the server answers it.
public struct ResourceList<Item: Decodable & Sendable>: Decodable, Sendable {
  /// The list's own metadata.
  public var metadata: ListMeta
  /// The objects.
  public var items: [Item]

  private enum CodingKeys: String, CodingKey { case metadata, items }

  /// Decodes a list; `items` may be null.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.metadata = try container.decodeIfPresent(ListMeta.self, forKey: .metadata) ?? ListMeta()
    self.items = try container.decodeIfPresent([Item].self, forKey: .items) ?? []
  }
}

/// Metadata of a list (`metav1.ListMeta`).
public struct ListMeta: Sendable, Hashable, Codable {
  /// The version of the whole list: where a watch goes on.
  public var resourceVersion: String?
  /// Opens the next page.
  public var `continue`: String?
  /// How many more there are, when known.
  public var remainingItemCount: Int64?

  /// Creates list metadata.
  public init(resourceVersion: String? = nil, continue: String? = nil, remainingItemCount: Int64? = nil) {
    self.resourceVersion = resourceVersion
    self.continue = `continue`
    self.remainingItemCount = remainingItemCount
  }
}
