import KubernetesModel

extension ResourceHandler {
  func get() async throws -> APIResponse {
    let presenter = try self.presenter()
    let present = self.context.store.history.revision
    if let wanted = self.request.query["resourceVersion"].flatMap({ Int64($0) }), wanted > present {
      throw Self.tooLargeVersion(wanted, current: present)
    }
    return APIResponse(200, bytes: try presenter.bytes(try await self.stored()))
  }

  func list(_ options: ListOptions) async throws -> APIResponse {
    let presenter = try self.presenter()
    var query = options.storeQuery(self.resource, namespace: self.path.namespace)
    query.countsRemaining = true
    let listing: ObjectStore.Listing
    do {
      listing = try await self.context.store.list(query)
    } catch StoreError.expired {
      throw Self.expired(options.continuation)
    }
    if let wanted = options.resourceVersion, wanted > listing.present {
      throw Self.tooLargeVersion(wanted, current: listing.present)
    }
    var metadata: JSONValue = ["resourceVersion": .string(String(listing.revision))]
    if listing.hasMore, let last = listing.objects.last {
      let next = Continuation(revision: listing.revision, namespace: last.key.namespace, name: last.key.name)
      metadata["continue"] = .string(next.token)
      metadata["remainingItemCount"] = listing.remaining.map(JSONValue.integer)
    } else if self.resource.isCustom {
      metadata["continue"] = ""
    }
    return APIResponse(200, bytes: try presenter.list(listing.objects, metadata: metadata))
  }

  /// The state that a list asks for is no longer known.
  ///
  /// A list that had begun may go on with the present state, at its own risk.
  static func expired(_ continuation: Continuation?) -> APIFailure {
    guard var continuation else { return .expired("The resourceVersion for the provided list is too old.") }
    continuation.revision = Continuation.latest
    var failure = APIFailure.expired(
      "The provided continue parameter is too old to display a consistent list result. You can start a new list "
        + "without the continue parameter, or use the continue token in this response to retrieve the remainder of "
        + "the results. Continuing with the provided token results in an inconsistent list - objects that were "
        + "created, modified, or deleted between the time the first chunk was returned and now may show up in the "
        + "list.")
    failure.continuation = continuation.token
    return failure
  }

  private static func tooLargeVersion(_ wanted: Int64, current: Int64) -> APIFailure {
    APIFailure(
      504, "Timeout", "Too large resource version: \(wanted), current: \(current)",
      details: [
        "causes": [["reason": "ResourceVersionTooLarge", "message": "Too large resource version"]],
        "retryAfterSeconds": 1,
      ])
  }
}
