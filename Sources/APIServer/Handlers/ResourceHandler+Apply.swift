import HTTPTypes
import KubernetesModel

extension ResourceHandler {
  /// Applies a configuration, creating the object if there is none.
  func apply(subresource: Subresource) async throws -> APIResponse {
    let options = try WriteOptions(self.request.query, kind: "PatchOptions", isApply: true)
    guard let manager = options.fieldManager else {
      let name = GroupResource(group: "meta.k8s.io", resource: "PatchOptions")
      throw APIFailure.invalid(name, "", [.required("fieldManager", "is required for apply patch")])
    }
    var decoding = BodyDecoding(self.resource, options.fieldValidation)
    let name = self.path.name ?? ""
    var config = try decoding.decodeConfiguration(self.request.body, name: name, namespace: self.path.namespace)
    if config.name != nil { try self.checkName(of: config.name) }
    if subresource == .none, self.resource.version.hasStatus { config.json["status"] = nil }
    let rules = ServerSideApply(
      manager: manager, isForced: options.isForced, subresource: subresource == .status ? "status" : "",
      schema: self.resource.version.schema, now: self.context.now)
    let fresh = decoding
    for _ in 0..<Self.maximumAttempts {
      do {
        let object = try await self.update(options: options, subresource: subresource, recordsManager: false) {
          [config] live in
          decoding = fresh
          decoding.review(config, replacing: live)
          return try rules.apply(config, to: live)
        }
        return try self.answer(200, object, warnings: decoding.warnings)
      } catch StoreError.notFound {
        guard subresource == .none else { throw APIFailure.notFound(self.resource.name, name) }
      }
      try self.checkName(of: config.name)
      if let uid = config.uid {
        throw APIFailure.conflict(
          self.resource.name, name,
          "uid mismatch: the provided object specified uid \(uid), and no existing object was found")
      }
      do {
        let object = try await self.create(config, options: options, managedFields: rules.ownership(ofNew: config))
        decoding = fresh
        decoding.review(object, replacing: nil)
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
