import HTTPTypes

extension ResourceRequest {
  /// Reads one object.
  public static func get(_ type: ResourceType, _ key: ObjectKey, subresource: Subresource? = nil) -> Self {
    Self(.get, Self.path(type, namespace: key.namespace, name: key.name, subresource: subresource))
  }

  /// Reads many objects; a nil namespace means all namespaces.
  public static func list(_ type: ResourceType, namespace: String?, options: ListOptions = ListOptions()) -> Self {
    var request = Self(.get, Self.path(type, namespace: namespace))
    request.add(options)
    return request
  }

  /// Follows changes from `options.resourceVersion` on.
  ///
  /// - Parameter timeoutSeconds: after this time the server ends the watch, and the client starts another.
  public static func watch(
    _ type: ResourceType, namespace: String?, options: ListOptions = ListOptions(), timeoutSeconds: Int
  ) -> Self {
    var request = Self(.get, Self.path(type, namespace: namespace))
    request.add("watch", "true")
    request.add(options)
    request.add("allowWatchBookmarks", "true")
    request.add("timeoutSeconds", String(timeoutSeconds))
    return request
  }

  /// Creates an object.
  public static func create(
    _ type: ResourceType, namespace: String?, body: [UInt8], fieldManager: String? = nil
  ) -> Self {
    var request = Self(.post, Self.path(type, namespace: namespace), body: body, contentType: "application/json")
    request.add("fieldManager", fieldManager)
    return request
  }

  /// Creates something below an object, such as a Pod's binding.
  public static func create(
    _ type: ResourceType, _ key: ObjectKey, subresource: Subresource, body: [UInt8], fieldManager: String? = nil
  ) -> Self {
    var request = Self(
      .post, Self.path(type, namespace: key.namespace, name: key.name, subresource: subresource), body: body,
      contentType: "application/json")
    request.add("fieldManager", fieldManager)
    return request
  }

  /// Replaces an object; the body's resourceVersion must be the newest.
  public static func replace(
    _ type: ResourceType, _ key: ObjectKey, subresource: Subresource? = nil, body: [UInt8],
    fieldManager: String? = nil
  ) -> Self {
    var request = Self(
      .put, Self.path(type, namespace: key.namespace, name: key.name, subresource: subresource), body: body,
      contentType: "application/json")
    request.add("fieldManager", fieldManager)
    return request
  }

  /// Changes a part of an object.
  ///
  /// - Parameter force: for `apply`, takes over fields that other managers own.
  public static func patch(
    _ type: ResourceType, _ key: ObjectKey, subresource: Subresource? = nil, kind: PatchKind, body: [UInt8],
    fieldManager: String? = nil, force: Bool = false
  ) -> Self {
    var request = Self(
      .patch, Self.path(type, namespace: key.namespace, name: key.name, subresource: subresource), body: body,
      contentType: kind.rawValue)
    request.add("fieldManager", fieldManager)
    if force { request.add("force", "true") }
    return request
  }

  /// Deletes an object.
  public static func delete(_ type: ResourceType, _ key: ObjectKey, options: DeleteOptions = DeleteOptions()) -> Self {
    Self(
      .delete, Self.path(type, namespace: key.namespace, name: key.name), body: options.json.serialized(),
      contentType: "application/json")
  }

  /// Asks which resources a group's version has.
  public static func discovery(group: String, version: String) -> Self {
    Self(.get, group.isEmpty ? "/api/\(Self.encode(version))" : "/apis/\(Self.encode(group))/\(Self.encode(version))")
  }

  mutating func add(_ options: ListOptions) {
    self.add("labelSelector", options.labelSelector)
    self.add("fieldSelector", options.fieldSelector)
    self.add("limit", options.limit.map(String.init))
    self.add("continue", options.continue)
    self.add("resourceVersion", options.resourceVersion)
  }

  static func path(
    _ type: ResourceType, namespace: String?, name: String? = nil, subresource: Subresource? = nil
  ) -> String {
    var path = type.group.isEmpty ? "/api/\(type.version)" : "/apis/\(type.group)/\(type.version)"
    if type.isNamespaced, let namespace { path += "/namespaces/\(Self.encode(namespace))" }
    path += "/\(type.plural)"
    if let name { path += "/\(Self.encode(name))" }
    if let subresource { path += "/\(subresource.rawValue)" }
    return path
  }
}

/// How an object is deleted.
public struct DeleteOptions: Sendable, Hashable {
  /// What happens to the children; the kind's default when nil.
  public var propagationPolicy: PropagationPolicy?
  /// Deletes only an object of this uid.
  public var uid: String?
  /// Deletes only this version.
  public var resourceVersion: String?
  /// Seconds granted to a Pod; 0 removes it at once.
  public var gracePeriodSeconds: Int64?

  /// Creates options.
  public init(
    propagationPolicy: PropagationPolicy? = nil, uid: String? = nil, resourceVersion: String? = nil,
    gracePeriodSeconds: Int64? = nil
  ) {
    self.propagationPolicy = propagationPolicy
    self.uid = uid
    self.resourceVersion = resourceVersion
    self.gracePeriodSeconds = gracePeriodSeconds
  }

  /// The body of a delete request.
  var json: JSONValue {
    var json: JSONValue = ["kind": "DeleteOptions", "apiVersion": "v1"]
    json["propagationPolicy"] = self.propagationPolicy.map { .string($0.rawValue) }
    json["gracePeriodSeconds"] = self.gracePeriodSeconds.map(JSONValue.integer)
    if self.uid != nil || self.resourceVersion != nil {
      var preconditions: JSONValue = [:]
      preconditions["uid"] = self.uid.map(JSONValue.string)
      preconditions["resourceVersion"] = self.resourceVersion.map(JSONValue.string)
      json["preconditions"] = preconditions
    }
    return json
  }
}
