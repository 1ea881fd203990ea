import HTTPTypes
import KubernetesModel

/// What every handler works with.
struct ServerContext: Sendable {
  let store: ObjectStore
  let registry: ResourceRegistry
  let webhooks: AdmissionRegistry
  let roles: RoleRegistry
  let tokens: ServiceAccountTokens
  let configuration: EmbeddedAPIServer.Configuration
  let openAPI = OpenAPILibrary()

  var now: Timestamp { self.configuration.now() }

  var authenticator: RequestAuthenticator {
    RequestAuthenticator(store: self.store, configuration: self.configuration, tokens: self.tokens)
  }

  /// The webhooks that a write of a resource has to pass; nil if there are none.
  func admission(of resource: ServedResource, user: RequestUser) -> AdmissionSession? {
    let webhooks = self.webhooks.snapshot
    guard !webhooks.isEmpty, !AdmissionRegistry.resources.contains(resource.definition.storeResource) else {
      return nil
    }
    let caller = AdmissionCaller(
      transport: self.configuration.webhookTransport,
      addresses: AdmissionAddresses(store: self.store, registry: self.registry))
    return AdmissionSession(webhooks, caller, user: user, logger: self.configuration.logger)
  }
}

/// Answers requests for one resource, or one of its objects.
struct ResourceHandler: Sendable {
  let context: ServerContext
  let resource: ServedResource
  let path: ResourcePath
  let request: APIRequest
  let snapshot: ResourceRegistry.Snapshot
  /// The user of the request.
  let user: RequestUser
  /// What writes have to pass; nil if nothing.
  let admission: AdmissionSession?

  /// How often a write is tried anew because another one came first.
  static let maximumAttempts = 32

  var rules: ObjectRules {
    ObjectRules(resource: self.resource, now: self.context.now, uid: self.context.configuration.uid)
  }

  /// The object that the path names.
  func key() throws(APIFailure) -> StoreKey {
    guard let name = self.path.name else { throw .methodNotAllowed(nil, verb: "") }
    return self.resource.key(namespace: self.path.namespace, name: name)
  }

  /// The stored object that the path names.
  func stored() async throws -> StoredObject {
    let key = try self.key()
    guard let stored = try await self.context.store.object(key) else {
      throw APIFailure.notFound(self.resource.name, key.name)
    }
    return stored
  }

  /// How answers show objects.
  func presenter() throws(APIFailure) -> Presenter {
    guard let presentation = Presentation(accept: self.request.fields[.accept]) else { throw .notAcceptable }
    return Presenter(
      resource: self.resource, presentation: presentation, now: self.context.now,
      includedObject: self.request.query["includeObject"] ?? "Metadata")
  }

  /// The answer for an object.
  func answer(_ status: Int, _ object: APIObject, warnings: [String] = []) throws -> APIResponse {
    APIResponse(status, try self.presenter().json(self.resource.present(object)), warnings: warnings)
  }

  /// The object as the version of the path shows it.
  func decoded(_ stored: StoredObject) throws -> APIObject {
    try Presenter(resource: self.resource, presentation: .object, now: self.context.now).object(stored)
  }

  /// The object in the form that is stored.
  func storable(_ object: APIObject) -> APIObject { self.resource.storable(object) }

  /// Checks that a body is JSON.
  func checkContentType() throws(APIFailure) {
    guard let type = self.request.contentType, type != "application/json" else { return }
    throw .unsupportedMediaType(["application/json", APIRequest.yamlType])
  }
}
