import KubernetesModel

extension ResourceHandler {
  func patch(subresource: Subresource) async throws -> APIResponse {
    let accepted = PatchApplication.acceptedTypes(isCustom: self.resource.isCustom)
    guard let type = self.request.contentType, accepted.contains(type) else {
      throw APIFailure.unsupportedMediaType(accepted)
    }
    _ = try self.presenter()
    if type == PatchApplication.applyType { return try await self.apply(subresource: subresource) }
    let options = try WriteOptions(self.request.query, kind: "PatchOptions")
    let patch = try PatchApplication(type: type, body: self.request.body)
    var decoding = BodyDecoding(self.resource, options.fieldValidation)
    let fresh = decoding
    do {
      let object = try await self.update(options: options, subresource: subresource) { old in
        decoding = fresh
        var patched = APIObject(try patch.apply(to: old.json))
        try self.checkName(of: patched.name)
        try self.clean(&patched, patchOf: old, &decoding)
        decoding.review(patched, replacing: old)
        return patched
      }
      return try self.answer(200, object, warnings: decoding.warnings)
    } catch StoreError.notFound {
      throw APIFailure.notFound(self.resource.name, self.path.name ?? "")
    }
  }

  /// Checks a patched object as if it had been sent as a body.
  private func clean(
    _ patched: inout APIObject, patchOf old: APIObject, _ decoding: inout BodyDecoding
  ) throws(APIFailure) {
    guard patched.json.objectValue != nil, patched.apiVersion == old.apiVersion,
      patched.kind == old.kind || self.resource.isCustom
    else {
      throw .badRequest("a patch may not change apiVersion or kind")
    }
    do {
      try decoding.clean(&patched)
    } catch {
      guard error.message.contains("cannot unmarshal") else { throw error }
      throw .invalidPatch(patched.json, error.message)
    }
  }
}
