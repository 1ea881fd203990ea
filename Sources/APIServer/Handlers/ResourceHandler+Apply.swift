import HTTPTypes
import KubernetesModel

extension ResourceHandler {
  /// Applies a configuration, creating the object if there is none.
  func apply(subresource: Subresource) async throws -> APIResponse {
    let options = try WriteOptions(self.request.query, kind: "PatchOptions")
    guard let manager = options.fieldManager else {
      let name = GroupResource(group: "meta.k8s.io", resource: "PatchOptions")
      throw APIFailure.invalid(name, "", [.required("fieldManager", "is required for apply patch")])
    }
    var decoding = BodyDecoding(self.resource, options.fieldValidation)
    var config = try decoding.decode(self.request.body)
    let name = self.path.name ?? ""
    if let given = config.name, given != name {
      throw APIFailure.badRequest("the name of the object (\(given)) does not match the name on the URL (\(name))")
    }
    if config[metadata: "managedFields"] != nil {
      throw APIFailure.badRequest("metadata.managedFields must be nil")
    }
    config.name = name
    if subresource == .none, self.resource.version.hasStatus { config.json["status"] = nil }
    let rules = ServerSideApply(
      manager: manager, isForced: options.isForced, subresource: subresource == .status ? "status" : "",
      schema: self.resource.version.schema, now: self.context.now)
    for _ in 0..<Self.maximumAttempts {
      do {
        let object = try await self.update(options: options, subresource: subresource, recordsManager: false) {
          [config] live in
          try rules.apply(config, to: live)
        }
        return try self.answer(200, object, warnings: decoding.warnings)
      } catch StoreError.notFound {
        guard subresource == .none else { throw APIFailure.notFound(self.resource.name, name) }
      }
      do {
        let object = try await self.create(config, options: options, managedFields: rules.ownership(ofNew: config))
        return try self.answer(201, object, warnings: decoding.warnings)
      } catch let failure as APIFailure where failure.reason == "AlreadyExists" {
        continue
      }
    }
    throw APIFailure.conflict(self.resource.name, name)
  }

  /// Who writes, as far as that is recorded: the client's own word, or the first part of its agent's name.
  func manager(_ options: WriteOptions) -> String {
    if let manager = options.fieldManager { return manager }
    let agent = self.request.fields[.userAgent] ?? ""
    let name = agent.prefix { $0 != "/" && $0 != " " }.prefix(128)
    return name.isEmpty ? "unknown" : String(name)
  }
}
