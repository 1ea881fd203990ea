import KubernetesModel

/// How writes pass the webhooks; without any, none of this is reached.
extension ResourceHandler {
  /// The object that mutating webhooks make of a wanted one, read as if the client had sent it.
  func mutated(
    _ wanted: APIObject, from old: APIObject?, _ subresource: Subresource = .none, options: WriteOptions
  ) async throws -> APIObject {
    guard let admission = self.admission else { return wanted }
    if subresource == .scale { return try await self.mutatedScale(wanted, from: old, admission, options) }
    let prepared = try self.rules.prepared(wanted, namespace: self.path.namespace)
    let subject = self.subject(prepared.json, from: old?.json ?? .null, subresource.rawValue, options, admission)
    let json = try await admission.mutated(subject) { json throws(APIFailure) in
      var object = APIObject(json)
      guard object.apiVersion == prepared.apiVersion, object.kind == prepared.kind else {
        throw .badRequest("apiVersion and kind may not change")
      }
      var decoding = BodyDecoding(self.resource, .ignore)
      try decoding.clean(&object)
      return try self.rules.prepared(object, namespace: self.path.namespace).json
    }
    return json == prepared.json ? wanted : APIObject(json)
  }

  /// Asks the validating webhooks about an object as it would be stored.
  func validate(
    _ new: APIObject, from old: APIObject?, _ subresource: Subresource = .none, options: WriteOptions
  ) async throws {
    guard let admission = self.admission else { return }
    var subject = self.subject(new.json, from: old?.json ?? .null, subresource.rawValue, options, admission)
    if subresource == .scale { self.showScales(&subject) }
    try await admission.validate(subject)
  }

  /// Asks all webhooks about a deletion.
  func admitDeletion(of old: APIObject, _ options: DeleteOptions) async throws {
    guard let admission = self.admission else { return }
    let subject = AdmissionSubject(
      operation: .delete, resource: self.resource, name: old.name ?? "", namespace: self.namespace(of: old),
      object: .null, oldObject: old.json, options: options.json, isDryRun: options.isDryRun, user: admission.user)
    _ = try await admission.mutated(subject) { $0 }
    try await admission.validate(subject)
  }

  /// The binding that webhooks make of a wanted one, once all of them agree.
  func admittedBinding(_ binding: JSONValue, options: WriteOptions) async throws -> JSONValue {
    guard let admission = self.admission else { return binding }
    var shown = binding
    shown["apiVersion"] = "v1"
    shown["kind"] = "Binding"
    var subject = self.subject(shown, from: .null, "binding", options, admission)
    subject.name = self.path.name ?? ""
    subject.namespace = self.path.namespace ?? ""
    subject.partKind = .binding
    subject.object = try await admission.mutated(subject) { $0 }
    try await admission.validate(subject)
    return subject.object
  }

  /// Whether an object differs from another in nothing but the times of its owners.
  ///
  /// A write whose changes webhooks take back changes nothing.
  static func isUnchanged(_ new: APIObject, from old: APIObject) -> Bool {
    guard ManagedFields(new).isSame(as: ManagedFields(old)) else { return false }
    var (new, old) = (new, old)
    new[metadata: "managedFields"] = nil
    old[metadata: "managedFields"] = nil
    return new == old
  }

  // MARK: Scale

  private func mutatedScale(
    _ wanted: APIObject, from old: APIObject?, _ admission: AdmissionSession, _ options: WriteOptions
  ) async throws -> APIObject {
    guard let paths = self.resource.version.scale else { return wanted }
    var subject = self.subject(
      wanted.json, from: old?.json ?? .null, Subresource.scale.rawValue, options, admission)
    self.showScales(&subject)
    let scale = try await admission.mutated(subject) { scale throws(APIFailure) in
      if let fault = Self.replicaFault(in: scale) { throw .badRequest(fault) }
      return scale
    }
    guard scale != subject.object else { return wanted }
    var new = wanted
    new.json.set(scale["spec"]?["replicas"] ?? 0, at: paths.specReplicas[...])
    return new
  }

  private func showScales(_ subject: inout AdmissionSubject) {
    guard let paths = self.resource.version.scale else { return }
    subject.partKind = .scale
    subject.object = Self.scale(of: APIObject(subject.object), paths)
    subject.oldObject = Self.scale(of: APIObject(subject.oldObject), paths)
  }

  // MARK: Subjects

  private func subject(
    _ object: JSONValue, from old: JSONValue, _ subresource: String, _ options: WriteOptions,
    _ admission: AdmissionSession
  ) -> AdmissionSubject {
    let isCreation = old.isNull
    return AdmissionSubject(
      operation: isCreation ? .create : .update, resource: self.resource, subresource: subresource,
      name: APIObject(object).name ?? "", namespace: self.namespace(of: APIObject(object)), object: object,
      oldObject: old, options: options.json(isCreation: isCreation), isDryRun: options.isDryRun,
      user: admission.user)
  }

  /// The namespace that a question names: a namespace's own name for itself.
  private func namespace(of object: APIObject) -> String {
    let isNamespace = self.resource.definition.storeResource == BuiltInResources.namespaces
    return isNamespace ? object.name ?? "" : self.path.namespace ?? object.namespace ?? ""
  }
}

extension WriteOptions {
  /// The options as questions tell them.
  fileprivate func json(isCreation: Bool) -> JSONValue {
    var json: JSONValue = [
      "apiVersion": "meta.k8s.io/v1", "kind": isCreation ? "CreateOptions" : .string(self.kind),
      "fieldValidation": .string(self.fieldValidation.rawValue),
    ]
    json["fieldManager"] = self.fieldManager.map(JSONValue.string)
    if self.isDryRun { json["dryRun"] = ["All"] }
    if self.isForced, !isCreation { json["force"] = true }
    return json
  }
}

extension DeleteOptions {
  /// The options as questions tell them.
  fileprivate var json: JSONValue {
    var json: JSONValue = ["apiVersion": "meta.k8s.io/v1", "kind": "DeleteOptions"]
    json["gracePeriodSeconds"] = self.gracePeriodSeconds.map(JSONValue.integer)
    json["propagationPolicy"] = self.propagation.map { .string($0.rawValue) }
    var preconditions: JSONValue = [:]
    preconditions["uid"] = self.preconditionUID.map(JSONValue.string)
    preconditions["resourceVersion"] = self.preconditionResourceVersion.map(JSONValue.string)
    if preconditions != [:] { json["preconditions"] = preconditions }
    if self.isDryRun { json["dryRun"] = ["All"] }
    return json
  }
}
