import KubernetesModel

extension ResourceHandler {
  func watch(_ options: ListOptions) async throws -> APIResponse {
    let presenter = try self.presenter()
    let store = self.context.store
    var query = options.storeQuery(self.resource, namespace: self.path.namespace)
    query.limit = nil
    query.after = nil
    query.revision = nil

    // Without a version, or with 0, a watch begins with the present objects; so does one that asks for them.
    let beginsWithObjects = options.sendsInitialEvents ?? ((options.resourceVersion ?? 0) == 0)
    var position = options.resourceVersion ?? 0
    if beginsWithObjects {
      position = store.history.revision
    } else if position == 0 {
      position = store.history.revision
    } else if !store.history.reaches(back: position, of: query.resource) {
      return APIResponse(stream: Self.expiredWatch(position))
    }
    let session = WatchSession(
      store: store, query: query, presenter: presenter, options: options, beginsWithObjects: beginsWithObjects,
      marksEndOfInitial: options.sendsInitialEvents == true && options.allowsBookmarks, position: position,
      bookmarkInterval: self.context.configuration.bookmarkInterval)
    return APIResponse(stream: session.body)
  }
}
