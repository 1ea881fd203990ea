import KubernetesModel

extension ResourceHandler {
  func get() async throws -> APIResponse {
    let presenter = try self.presenter()
    return APIResponse(200, bytes: try presenter.bytes(try await self.stored()))
  }

  func list(_ options: ListOptions) async throws -> APIResponse {
    let presenter = try self.presenter()
    let store = self.context.store
    if let token = options.continuation,
      !store.history.reaches(back: token.revision, of: self.resource.definition.storeResource)
    {
      throw APIFailure.expired(
        "The provided continue parameter is too old to display a consistent list result. You must start a new list "
          + "without the continue parameter.")
    }
    let listing = try await store.list(options.storeQuery(self.resource, namespace: self.path.namespace))
    if let wanted = options.resourceVersion, wanted > listing.revision {
      throw Self.tooLargeVersion(wanted, current: listing.revision)
    }
    if options.resourceVersionMatch == "Exact", let wanted = options.resourceVersion, wanted != listing.revision {
      throw APIFailure.expired("The resourceVersion for the provided list is too old.")
    }
    let revision = options.continuation?.revision ?? listing.revision
    var metadata: JSONValue = ["resourceVersion": .string(String(revision))]
    if listing.hasMore, let last = listing.objects.last {
      let next = Continuation(revision: revision, namespace: last.key.namespace, name: last.key.name)
      metadata["continue"] = .string(next.token)
    } else if self.resource.isCustom {
      metadata["continue"] = ""
    }
    return APIResponse(200, bytes: try presenter.list(listing.objects, metadata: metadata))
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
