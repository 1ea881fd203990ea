import KubernetesModel

/// How an object becomes what is stored: everything that the server sets, defaults and checks, as functions on values.
struct ObjectRules: Sendable {
  var resource: ServedResource
  var now: Timestamp
  /// Makes the uid of a new object.
  var uid: @Sendable () -> String = { UniqueIdentifier.random() }

  private var rules: any KindRules { self.resource.version.rules }
  private var hasStatus: Bool { self.resource.version.hasStatus }

  /// An object as webhooks see it that may change it: with its defaults, and not yet checked.
  func prepared(_ body: APIObject, namespace: String?) throws(APIFailure) -> APIObject {
    var object = body
    try self.checkNamespace(&object, namespace)
    self.applyDefaults(to: &object)
    return object
  }

  // MARK: Creation

  /// An object as it is created.
  ///
  /// `body` has been decoded.
  func created(_ body: APIObject, namespace: String?, suffix: () -> String) throws(APIFailure) -> APIObject {
    var object = body
    try self.checkNamespace(&object, namespace)
    if object.resourceVersion != nil {
      throw .badRequest("resourceVersion should not be set on objects to be created")
    }
    if object.name == nil, let prefix = object.generateName {
      // A name holds 63 characters at most where it becomes a label's value.
      object.name = prefix.prefix(58) + suffix()
    }
    object.uid = self.uid()
    object.creationTimestamp = self.now.description
    object.deletionTimestamp = nil
    object.deletionGracePeriodSeconds = nil
    object.generation = self.resource.definition.traits.contains(.generation) ? 1 : nil
    object[metadata: "selfLink"] = nil
    object[metadata: "managedFields"] = nil
    if self.resource.isCustom, self.hasStatus { object.json["status"] = nil }
    self.rules.prepareForCreate(&object)
    self.applyDefaults(to: &object)
    try self.check(object, replacing: nil)
    return object
  }

  private func checkNamespace(_ object: inout APIObject, _ namespace: String?) throws(APIFailure) {
    if let given = object.namespace, given != namespace ?? "" {
      throw .badRequest(
        namespace == nil
          ? "the namespace of the provided object does not match the namespace sent on the request (it has none)"
          : "the namespace of the provided object does not match the namespace sent on the request")
    }
    object.namespace = namespace
  }

  // MARK: Updates

  /// An object as it is after an update of everything but its status.
  func updated(_ body: APIObject, from old: APIObject, namespace: String?) throws(APIFailure) -> APIObject {
    var object = body
    let changeFaults = MetadataFaults.ofChange(from: old, to: body)
    try self.checkIdentity(&object, old, namespace)
    if self.hasStatus { object.json["status"] = old.json["status"] }
    self.rules.prepareForUpdate(&object, from: old)
    self.applyDefaults(to: &object)
    object.generation = old.generation
    if self.wantsNewGeneration(object, old), let generation = old.generation { object.generation = generation + 1 }
    try self.check(object, replacing: old, changeFaults)
    return object
  }

  /// An object as it is after an update of its status: nothing else changes.
  func updatedStatus(_ body: APIObject, from old: APIObject, namespace: String?) throws(APIFailure) -> APIObject {
    var object = body
    try self.checkIdentity(&object, old, namespace)
    let status = object.json["status"]
    let metadata = object.metadata
    object = old
    object.json["status"] = status
    object[metadata: "managedFields"] = metadata["managedFields"]
    if !self.resource.isCustom {
      object[metadata: "labels"] = metadata["labels"]
      object[metadata: "annotations"] = metadata["annotations"]
      object[metadata: "finalizers"] = metadata["finalizers"]
      var defaulted = object
      self.rules.applyDefaults(to: &defaulted)
      object.json["status"] = defaulted.json["status"]
    } else {
      self.resource.version.schema?.applyDefaults(to: &object.json)
    }
    try self.check(object, replacing: old, MetadataFaults.ofChange(from: old, to: object))
    return object
  }

  /// Checks what ties an object to the stored one, and puts back what a client cannot change.
  private func checkIdentity(_ object: inout APIObject, _ old: APIObject, _ namespace: String?) throws(APIFailure) {
    try self.checkNamespace(&object, namespace)
    if let version = object.resourceVersion, version != "0", version != old.resourceVersion {
      throw .conflict(self.resource.name, old.name ?? "")
    }
    for field in [
      "name", "uid", "resourceVersion", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds",
      "generation",
    ] {
      object[metadata: field] = old[metadata: field]
    }
    object[metadata: "selfLink"] = nil
    if object[metadata: "managedFields"] == nil { object[metadata: "managedFields"] = old[metadata: "managedFields"] }
  }

  /// Whether the wanted state changed: anything besides the metadata and, where that is apart, the status.
  private func wantsNewGeneration(_ new: APIObject, _ old: APIObject) -> Bool {
    func wanted(_ object: APIObject) -> JSONValue {
      guard self.resource.isCustom else { return self.rules.wanted(of: object) }
      var json = object.json
      json["metadata"] = nil
      if self.hasStatus { json["status"] = nil }
      return json
    }
    return wanted(new) != wanted(old)
  }

  // MARK: Both

  private func applyDefaults(to object: inout APIObject) {
    if self.resource.isCustom { self.resource.version.schema?.applyDefaults(to: &object.json) }
    self.rules.applyDefaults(to: &object)
  }

  private func check(
    _ object: APIObject, replacing old: APIObject?, _ changeFaults: [FieldFault] = []
  ) throws(APIFailure) {
    guard object.kind == self.resource.kind else {
      let fault = FieldFault.invalid("kind", .string(object.kind), "must be \(self.resource.kind)")
      throw .invalid(GroupResource(group: self.resource.group, resource: object.kind), object.name ?? "", [fault])
    }
    var faults = MetadataFaults.all(in: object, rules: self.rules) + changeFaults
    if self.resource.isCustom {
      let schema = self.resource.version.schema
      faults += schema?.faults(in: object.json, replacing: old?.json, isResource: true) ?? []
      faults +=
        self.resource.version.validator?.faults(in: object.json, replacing: old?.json, after: faults) ?? []
    } else if self.resource.definition.storeResource != BuiltInResources.customResourceDefinitions {
      faults += MetadataFaults.ofPlainFinalizers(in: object)
    }
    faults += self.rules.faults(in: object, replacing: old)
    guard faults.isEmpty else { throw .invalid(self.resource.kindName, object.name ?? "", faults) }
  }
}

/// The endings of generated names.
enum NameSuffix {
  /// No vowels and no characters that look alike, so that no words come about.
  private static let alphabet = Array("bcdfghjklmnpqrstvwxz2456789")

  static func random() -> String { String((0..<5).map { _ in self.alphabet.randomElement()! }) }
}
