import HTTPTypes
import KubernetesModel

extension ResourceHandler {
  /// Applies a configuration, creating the object if there is none.
  func apply(subresource: Subresource) async throws -> APIResponse {
    let options = try WriteOptions(self.request.query, kind: "PatchOptions", isApply: true)
    guard let manager = options.fieldManager, !manager.isEmpty else {
      let name = GroupResource(group: "meta.k8s.io", resource: "PatchOptions")
      throw APIFailure.invalid(name, "", [.required("fieldManager", "is required for apply patch")])
    }
    var decoding = BodyDecoding(self.resource, options.fieldValidation)
    let name = self.path.name ?? ""
    var config = try decoding.decodeConfiguration(self.request.body, name: name, namespace: self.path.namespace)
    if config.name != nil { try self.checkName(of: config.name) }
    if subresource == .status {
      // Nothing else is written, so nothing else is owned.
      config.json = config.json.keeping(["apiVersion", "kind", "metadata", "status"])
      config.metadata = config.metadata.keeping(["name", "namespace", "uid", "resourceVersion"])
    } else if self.resource.version.hasStatus {
      config.json["status"] = nil
    }
    let rules = ServerSideApply(
      manager: manager, isForced: options.isForced, subresource: subresource, ownership: self.ownership)
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
      try self.checkMayCreate()
      if let uid = config.uid {
        throw APIFailure.conflict(
          self.resource.name, name,
          "uid mismatch: the provided object specified uid \(uid), and no existing object was found")
      }
      do {
        let object = try await self.create(config, options: options, applied: rules)
        decoding = fresh
        decoding.review(object, replacing: nil)
        return try self.answer(201, object, warnings: decoding.warnings)
      } catch let failure as APIFailure where failure.reason == "AlreadyExists" && !failure.isOfWebhook {
        continue
      }
    }
    throw APIFailure.conflict(self.resource.name, name)
  }

  /// Who writes, as far as that is recorded: the client's own word, or the first part of its agent's name.
  func manager(_ options: WriteOptions) -> String {
    if let manager = options.fieldManager, !manager.isEmpty { return manager }
    var name = ""
    for character in (self.request.fields[.userAgent] ?? "").prefix(while: { $0 != "/" })
    where character.unicodeScalars.allSatisfy(WriteOptions.isPrintable) {
      guard name.utf8.count + character.utf8.count <= WriteOptions.maximumManagerBytes else { break }
      name.append(character)
    }
    return name.isEmpty ? "unknown" : name
  }

  /// Who owns what, for objects of the resource.
  var ownership: Ownership { Ownership(resource: self.resource, now: self.context.now) }
}

extension JSONValue {
  /// The object with these fields only.
  fileprivate func keeping(_ names: Set<String>) -> JSONValue {
    .object((self.objectValue ?? [:]).filter { names.contains($0.key) })
  }
}
