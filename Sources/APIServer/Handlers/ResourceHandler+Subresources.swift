import HTTPTypes
import KubernetesModel

extension ResourceHandler {
  // MARK: Scale

  func scale(_ paths: ResourceDefinition.ScalePaths) async throws -> APIResponse {
    switch self.request.method {
    case .get: return APIResponse(200, Self.scale(of: try self.decoded(try await self.stored()), paths))
    case .put:
      try self.checkContentType()
      let options = try WriteOptions(self.request.query, kind: "UpdateOptions")
      let body = try Self.decodeScale(self.request.body)
      try self.checkName(of: body["metadata"]?["name"]?.stringValue)
      if let fault = Self.replicaFault(in: body) {
        throw APIFailure.badRequest("Scale in version \"v1\" cannot be handled as a Scale: \(fault)")
      }
      return try await self.scale(paths, options) { _ throws(APIFailure) in body }
    case .patch:
      let accepted = PatchApplication.acceptedTypes(isCustom: self.resource.isCustom)
      guard let type = self.request.contentType, accepted.dropLast().contains(type) else {
        throw APIFailure.unsupportedMediaType(accepted)
      }
      let options = try WriteOptions(self.request.query, kind: "PatchOptions")
      let patch = try PatchApplication(type: type, body: self.request.body)
      return try await self.scale(paths, options) { scale throws(APIFailure) in
        let patched = try patch.apply(to: scale)
        try self.checkName(of: patched["metadata"]?["name"]?.stringValue)
        if let fault = Self.replicaFault(in: patched) { throw .invalidPatch(patched, fault) }
        return patched
      }
    default: throw APIFailure.methodNotAllowed(self.resource.name, verb: self.request.method.rawValue.lowercased())
    }
  }

  private func scale(
    _ paths: ResourceDefinition.ScalePaths, _ options: WriteOptions,
    _ change: (JSONValue) throws(APIFailure) -> JSONValue
  ) async throws -> APIResponse {
    do {
      let object = try await self.update(options: options, subresource: .scale) { old in
        let scale = try change(Self.scale(of: old, paths))
        var new = old
        if let version = scale["metadata"]?["resourceVersion"]?.stringValue, !version.isEmpty {
          new.resourceVersion = version
        }
        try self.checkPrecondition(uid: scale["metadata"]?["uid"]?.stringValue, of: old)
        let replicas = scale["spec"]?["replicas"] ?? 0
        // The schema of a definition reports its own faults.
        if !self.resource.isCustom, let fault = FieldSyntax.negative("spec.replicas", replicas) {
          throw APIFailure.invalid(GroupResource(group: "autoscaling", resource: "Scale"), old.name ?? "", [fault])
        }
        new.json.set(replicas, at: paths.specReplicas[...])
        return new
      }
      return APIResponse(200, Self.scale(of: object, paths))
    } catch StoreError.notFound {
      throw APIFailure.notFound(self.resource.name, self.path.name ?? "")
    }
  }

  /// What is wrong with the type of the wanted number; nil if nothing is.
  static func replicaFault(in scale: JSONValue) -> String? {
    guard let replicas = scale["spec"]?["replicas"], !replicas.isNull else { return nil }
    if let number = replicas.integerValue, Int32(exactly: number) != nil { return nil }
    return "json: cannot unmarshal \(replicas.typeName) into field ScaleSpec.spec.replicas of type int32"
  }

  private static func decodeScale(_ body: [UInt8]) throws(APIFailure) -> JSONValue {
    let json: JSONValue
    do {
      json = try JSONValue(parsing: body)
    } catch {
      throw .badRequest("the object provided is unrecognized (must be of type Scale): \(error)")
    }
    guard json["kind"]?.stringValue ?? "Scale" == "Scale",
      json["apiVersion"]?.stringValue ?? "autoscaling/v1" == "autoscaling/v1"
    else { throw .badRequest("the object provided is unrecognized (must be of type Scale)") }
    return json
  }

  /// The object as a Scale.
  static func scale(of object: APIObject, _ paths: ResourceDefinition.ScalePaths) -> JSONValue {
    func value(_ path: [String]) -> JSONValue? { path.reduce(Optional(object.json)) { $0?[$1] } }
    var metadata: JSONValue = .object([:])
    for field in ["name", "namespace", "uid", "resourceVersion", "creationTimestamp"] {
      metadata[field] = object[metadata: field]
    }
    var status: JSONValue = ["replicas": value(paths.statusReplicas) ?? 0]
    if let path = paths.labelSelector, let selector = value(path), selector != "" {
      // A built-in kind keeps it as an object, and shows it as a text.
      status["selector"] =
        selector.objectValue == nil ? selector : .string(LabelQuery(selector: selector).description)
    }
    var spec: JSONValue = .object([:])
    if let replicas = value(paths.specReplicas), replicas != 0 { spec["replicas"] = replicas }
    return [
      "apiVersion": "autoscaling/v1", "kind": "Scale", "metadata": metadata, "spec": spec, "status": status,
    ]
  }

  // MARK: Binding

  /// Gives a Pod to a node.
  func bind() async throws -> APIResponse {
    try self.checkContentType()
    let options = try WriteOptions(self.request.query, kind: "CreateOptions")
    let body: JSONValue
    do {
      body = try JSONValue(parsing: self.request.body)
    } catch {
      throw APIFailure.badRequest("the object provided is unrecognized (must be of type Binding): \(error)")
    }
    guard let node = body["target"]?["name"]?.stringValue, !node.isEmpty else {
      let kind = GroupResource(group: "", resource: "Binding")
      throw APIFailure.invalid(kind, self.path.name ?? "", [.required("target.name")])
    }
    let key = try self.key()
    let binding = try await self.admittedBinding(body, options: options)
    let target = binding["target"]?["name"]?.stringValue ?? node
    for _ in 0..<Self.maximumAttempts {
      let stored = try await self.stored()
      let bound = try self.bound(try self.decoded(stored), to: target, uid: body["metadata"]?["uid"]?.stringValue)
      do {
        if !options.isDryRun { _ = try await self.store(bound, revision: stored.revision, key: key) }
        return APIResponse(
          201, ["kind": "Status", "apiVersion": "v1", "metadata": .object([:]), "status": "Success", "code": 201])
      } catch StoreError.conflict {
        continue
      }
    }
    throw APIFailure.conflict(self.resource.name, key.name)
  }

  private func bound(_ pod: APIObject, to node: String, uid: String?) throws(APIFailure) -> APIObject {
    var pod = pod
    let name = pod.name ?? ""
    if let uid, !uid.isEmpty, uid != pod.uid {
      throw .conflict(self.resource.name, name, "the UID in the binding does not match the UID in record")
    }
    if pod.isTerminating {
      throw .conflict(self.resource.name, name, "pod \(name) is being deleted, cannot be assigned to a host")
    }
    if let present = pod[path: "spec.nodeName"]?.stringValue, !present.isEmpty {
      throw .conflict(self.resource.name, name, "pod \(name) is already assigned to node \"\(present)\"")
    }
    pod.json["spec"]?["nodeName"] = .string(node)
    var conditions = (pod[path: "status.conditions"]?.arrayValue ?? []).filter { $0["type"] != "PodScheduled" }
    conditions.append([
      "type": "PodScheduled", "status": "True", "lastProbeTime": nil,
      "lastTransitionTime": .string(self.context.now.description),
    ])
    if pod.json["status"] == nil { pod.json["status"] = .object([:]) }
    pod.json["status"]?["conditions"] = .array(conditions)
    return pod
  }

  // MARK: Namespaces

  /// Takes over a namespace's `spec.finalizers`, which nothing else may change.
  func finalizeNamespace() async throws -> APIResponse {
    try self.checkContentType()
    let options = try WriteOptions(self.request.query, kind: "UpdateOptions")
    var decoding = BodyDecoding(self.resource, options.fieldValidation)
    let body = try decoding.decode(self.request.body)
    let finalizers = body[path: "spec.finalizers"]?.arrayValue ?? []
    let namespace = try await self.setNamespaceFinalizers(finalizers, as: self.manager(options), options)
    return try self.answer(200, namespace, warnings: decoding.warnings)
  }

  /// Writes a namespace's `spec.finalizers`; one that is being deleted goes once none is left.
  ///
  /// `options` are those of a client's request, which has to pass the webhooks.
  func setNamespaceFinalizers(
    _ finalizers: [JSONValue], as manager: String, _ options: WriteOptions? = nil
  ) async throws -> APIObject {
    let key = try self.key()
    for _ in 0..<Self.maximumAttempts {
      let stored = try await self.stored()
      let old = try self.decoded(stored)
      var namespace = old
      namespace.json["spec"] = finalizers.isEmpty ? .object([:]) : ["finalizers": .array(finalizers)]
      if let options {
        let spec = try await self.mutated(namespace, from: old, .finalize, options: options).json["spec"]
        namespace.json["spec"] = spec
      }
      namespace[metadata: "managedFields"] = self.ownership.ofUpdate(
        from: old, to: namespace, requested: nil, manager: manager, subresource: .finalize)
      if let options { try await self.validate(namespace, from: old, .finalize, options: options) }
      do {
        return try await self.store(namespace, revision: stored.revision, key: key)
      } catch StoreError.conflict {
        continue
      }
    }
    throw APIFailure.conflict(self.resource.name, key.name)
  }
}

extension JSONValue {
  /// Sets a field below others, which become objects if they are not.
  mutating func set(_ value: JSONValue, at path: ArraySlice<String>) {
    guard let first = path.first else {
      self = value
      return
    }
    var child = self[first] ?? .object([:])
    child.set(value, at: path.dropFirst())
    self[first] = child
  }
}
