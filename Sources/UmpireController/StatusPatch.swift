import KubernetesClient
import KubernetesModel

/// Writes the difference between two statuses, and nothing if there is none.
enum StatusPatch {
  /// The merge patch for `/status`, or nil if nothing changed.
  ///
  /// It holds the version that it was made from, so that it
  /// never overwrites what somebody else wrote since: lists are replaced whole by this kind of patch.
  static func make<Status: Encodable & Equatable>(
    from old: Status?, to new: Status, resourceVersion: String?
  ) throws -> JSONValue? {
    guard old != new else { return nil }
    let before = try old.map { try JSONValue(encoding: $0) } ?? [:]
    guard let difference = JSONValue.mergePatch(from: before, to: try JSONValue(encoding: new)) else { return nil }
    var patch: JSONValue = ["status": difference]
    if let resourceVersion { patch["metadata"] = ["resourceVersion": .string(resourceVersion)] }
    return patch
  }

  /// Writes the new status of an object if it differs from the old one.
  ///
  /// - Returns: the object as it is then; nil if nothing was written.
  @discardableResult
  static func write<Resource: KubernetesResource, Status: Encodable & Equatable>(
    _ object: Resource, from old: Status?, to new: Status, client: APIClient
  ) async throws -> Resource? {
    let version = object.metadata.resourceVersion
    guard let patch = try Self.make(from: old, to: new, resourceVersion: version) else { return nil }
    return try await client.patch(Resource.self, object.key, subresource: .status, patch)
  }
}

/// Adds and removes finalizers without touching anybody else's.
enum FinalizerPatch {
  /// The merge patch that adds a finalizer; nil if it is there.
  static func adding(_ finalizer: String, to metadata: ObjectMeta) -> JSONValue? {
    guard !metadata.hasFinalizer(finalizer) else { return nil }
    return Self.setting((metadata.finalizers ?? []) + [finalizer], metadata)
  }

  /// The merge patch that removes a finalizer; nil if it is not there.
  static func removing(_ finalizer: String, from metadata: ObjectMeta) -> JSONValue? {
    guard metadata.hasFinalizer(finalizer) else { return nil }
    return Self.setting((metadata.finalizers ?? []).filter { $0 != finalizer }, metadata)
  }

  /// Removes a finalizer from an object; nothing is done if it is not there, and one that is gone is left alone.
  static func remove<Resource: KubernetesResource>(
    _ finalizer: String, from object: Resource, client: APIClient
  ) async throws {
    guard let patch = Self.removing(finalizer, from: object.metadata) else { return }
    do {
      let _: Resource = try await client.patch(Resource.self, object.key, patch)
    } catch let error as APIError where error.isNotFound {
      // Gone already is what was wanted.
    }
  }

  private static func setting(_ finalizers: [String], _ metadata: ObjectMeta) -> JSONValue {
    var fields: JSONValue = ["finalizers": .array(finalizers.map(JSONValue.string))]
    fields["resourceVersion"] = metadata.resourceVersion.map(JSONValue.string)
    return ["metadata": fields]
  }
}
