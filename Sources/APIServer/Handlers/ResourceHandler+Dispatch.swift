import HTTPTypes

extension ResourceHandler {
  /// Answers the request.
  func answer() async throws -> APIResponse {
    guard self.resource.definition.isNamespaced || self.path.namespace == nil else { return .pageNotFound }
    if self.resource.definition.traits.contains(.review) { return try await self.review() }
    if let subresource = self.path.subresource { return try await self.answerSubresource(subresource) }
    guard self.path.name != nil else { return try await self.answerCollection() }
    if self.resource.definition.isNamespaced, self.path.namespace == nil { return .pageNotFound }
    switch self.request.method {
    case .get: return try await self.get()
    case .put: return try await self.put(subresource: .none)
    case .patch: return try await self.patch(subresource: .none)
    case .delete: return try await self.delete()
    // The real server takes this for custom resources, and creates the object that the body names.
    case .post where self.resource.isCustom: return try await self.create()
    default: throw self.notAllowed()
    }
  }

  private func answerCollection() async throws -> APIResponse {
    switch self.request.method {
    case .get:
      let options = try ListOptions(self.request.query, resource: self.resource)
      return options.isWatch ? try await self.watch(options) : try await self.list(options)
    case .post:
      guard self.path.namespace != nil || !self.resource.definition.isNamespaced else { throw self.notAllowed() }
      return try await self.create()
    case .delete:
      guard self.path.namespace != nil || !self.resource.definition.isNamespaced else { throw self.notAllowed() }
      return try await self.deleteCollection()
    default: throw self.notAllowed()
    }
  }

  private func answerSubresource(_ subresource: String) async throws -> APIResponse {
    guard self.path.namespace != nil || !self.resource.definition.isNamespaced else { return .pageNotFound }
    switch (subresource, self.request.method) {
    case ("status", .get) where self.resource.version.hasStatus: return try await self.get()
    case ("status", .put) where self.resource.version.hasStatus: return try await self.put(subresource: .status)
    case ("status", .patch) where self.resource.version.hasStatus: return try await self.patch(subresource: .status)
    case ("status", _) where self.resource.version.hasStatus: throw self.notAllowed()
    case ("scale", _):
      guard let paths = self.resource.version.scale else { return .pageNotFound }
      return try await self.scale(paths)
    case ("binding", .post) where self.resource.definition.storeResource == BuiltInResources.pods:
      return try await self.bind()
    case ("eviction", .post) where self.resource.definition.storeResource == BuiltInResources.pods:
      return try await self.evict()
    case ("log", .get) where self.resource.definition.storeResource == BuiltInResources.pods:
      return try await self.log()
    case ("token", .post) where self.resource.definition.name == BuiltInResources.serviceAccounts:
      return try await self.requestToken()
    case ("finalize", .put) where self.resource.definition.storeResource == BuiltInResources.namespaces:
      return try await self.finalizeNamespace()
    default: return .pageNotFound
    }
  }

  private func notAllowed() -> APIFailure {
    guard self.resource.isCustom else { return .methodNotAllowed(nil, verb: "") }
    return .methodNotAllowed(self.resource.name, verb: self.request.method.rawValue.lowercased())
  }
}

/// The part of an object that a write is about.
enum Subresource: String, Sendable {
  case none = ""
  case status, scale, finalize
}
