import FoundationEssentials
package import KubernetesModel

extension APIClient {
  /// How often ``update(_:_:subresource:_:)`` looks at an object again before it gives up.
  private static let updateTries = 5

  /// Changes an object by a function of it, and starts over with the newest state if somebody else was faster.
  ///
  /// Only the difference is sent, so that fields which the type does not know stay as they are; a list of which one
  /// element changes is sent whole. The write counts only for the very version that `change` saw.
  ///
  /// - Parameter change: gives the changed object, or nil to leave it. It may be called several times.
  /// - Returns: the object as it is now; the unchanged one if there was nothing to write.
  /// - Throws: ``APIError``, a conflict among them if others are faster every time; what `change` throws.
  @discardableResult
  package func update<Resource: KubernetesResource>(
    _ type: Resource.Type, _ key: ObjectKey, subresource: Subresource? = nil,
    _ change: (Resource) async throws -> Resource?
  ) async throws -> Resource {
    var tries = 0
    while true {
      let old = try await self.get(type, key)
      tries += 1
      guard let new = try await change(old),
        var patch = JSONValue.mergePatch(from: try JSONValue(encoding: old), to: try JSONValue(encoding: new))
      else { return old }
      var metadata = patch["metadata"] ?? [:]
      metadata["resourceVersion"] = old.metadata.resourceVersion.map(JSONValue.string)
      // An object of this name that was made anew is another one.
      metadata["uid"] = old.metadata.uid.map(JSONValue.string)
      patch["metadata"] = metadata
      do {
        return try await self.patch(type, key, subresource: subresource, patch)
      } catch let error as APIError where error.isConflict && tries < Self.updateTries {
        try await self.time.sleep(.milliseconds(10 << tries) * (1 + self.time.jitter()))
      }
    }
  }
}
