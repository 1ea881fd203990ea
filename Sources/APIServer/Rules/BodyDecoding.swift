import KubernetesModel

/// Reads an object out of a body and checks that it is of the kind that the path names.
struct BodyDecoding: Sendable {
  /// Leaves room for what lists, watches and owners wrap around an object, which readers must be able to parse.
  static let maximumDepth = JSONValue.maximumDepth - 40

  var resource: ServedResource
  var validation: WriteOptions.FieldValidation
  /// What the client is warned of.
  private(set) var warnings: [String] = []

  init(_ resource: ServedResource, _ validation: WriteOptions.FieldValidation) {
    self.resource = resource
    self.validation = validation
    if let deprecation = resource.version.deprecation {
      let message = "\(resource.apiVersion) \(resource.kind) is deprecated"
      self.warnings.append(deprecation.isEmpty ? message : deprecation)
    }
  }

  /// Parses a body, without its unknown fields.
  mutating func decode(_ body: [UInt8]) throws(APIFailure) -> APIObject {
    let document = try self.document(body)
    var object = APIObject(document.value)
    try self.checkType(&object)
    try self.clean(&object, duplicates: document.duplicateFields)
    return object
  }

  /// Parses a configuration to apply to the object of a name.
  mutating func decodeConfiguration(_ body: [UInt8], name: String, namespace: String?) throws(APIFailure) -> APIObject {
    let document = try self.document(body)
    var config = APIObject(document.value)
    try self.checkType(&config)
    guard config[metadata: "managedFields"] ?? .null == .null else {
      throw .badRequest("metadata.managedFields must be nil")
    }
    guard config.json.depth <= Self.maximumDepth else { throw Self.tooDeep }
    let faults = self.resource.version.schema?.typingFaults(in: config.json) ?? []
    guard faults.isEmpty else {
      let place = "\(namespace ?? "")/\(name); \(config.apiVersion), Kind=\(config.kind)"
      let list = faults.count == 1 ? faults[0] : (["errors:"] + faults.map { "  \($0)" }).joined(separator: "\n")
      // The real server has no reason for this one, and calls it its own fault.
      throw APIFailure(500, "", "failed to create typed patch object (\(place)): \(list)")
    }
    try self.clean(&config, duplicates: document.duplicateFields)
    return config
  }

  private static let tooDeep = APIFailure.badRequest("the object is nested more than \(Self.maximumDepth) levels deep")

  private func document(_ body: [UInt8]) throws(APIFailure) -> JSONDocument {
    do {
      return try JSONDocument(parsing: body)
    } catch {
      let shown = String(decoding: body.prefix(100), as: UTF8.self)
      throw .badRequest(
        "the object provided is unrecognized (must be of type \(self.resource.kind)): couldn't get version/kind; "
          + "json parse error: \(error) (\(shown))")
    }
  }

  /// Checks that the object is what the path names.
  private func checkType(_ object: inout APIObject) throws(APIFailure) {
    guard object.json.objectValue != nil else {
      throw .badRequest("the object provided is unrecognized (must be of type \(self.resource.kind))")
    }
    if !self.resource.isCustom {
      if object.apiVersion.isEmpty { object.apiVersion = self.resource.apiVersion }
      if object.kind.isEmpty { object.kind = self.resource.kind }
    }
    guard !object.kind.isEmpty else { throw .badRequest("Object 'Kind' is missing in the request body") }
    guard object.apiVersion == self.resource.apiVersion else {
      throw .badRequest(
        "the API version in the data (\(object.apiVersion)) does not match the expected API version "
          + "(\(self.resource.apiVersion))")
    }
    // The kind of a custom resource is checked with everything else that may be wrong with the object.
    guard object.kind == self.resource.kind || self.resource.isCustom else {
      throw .badRequest(
        "\(object.kind) in version \"\(self.resource.version.name)\" cannot be handled as a \(self.resource.kind)")
    }
  }

  /// Removes unknown fields, or refuses them, and checks the types that the server itself relies on.
  mutating func clean(_ object: inout APIObject, duplicates: [String] = []) throws(APIFailure) {
    guard object.isFlat(within: Self.maximumDepth) else { throw Self.tooDeep }
    var unknown: [String] = []
    if let metadata = object.json["metadata"] {
      if let schema = BuiltInSchemas.metadata {
        var pruned = metadata
        unknown += schema.prune(&pruned, path: "metadata")
        schema.applyDefaults(to: &pruned)
        let faults = schema.faults(in: pruned, path: "metadata")
        if let fault = faults.first(where: { $0.reason == "FieldValueTypeInvalid" }) {
          throw self.undecodable(fault, type: "ObjectMeta")
        }
        object.json["metadata"] = Self.withoutEmpty(pruned)
      }
    } else {
      object.json["metadata"] = .object([:])
    }
    if let schema = self.resource.version.schema {
      unknown += schema.prune(&object.json, isResource: true)
      if !self.resource.isCustom {
        schema.applyDefaults(to: &object.json)
        let faults = schema.faults(in: object.json, isResource: true)
        if let fault = faults.first(where: { $0.reason == "FieldValueTypeInvalid" }) {
          throw self.undecodable(fault, type: self.resource.kind)
        }
      }
    }
    try self.report(duplicates.map { "duplicate field \"\($0)\"" } + unknown.map { "unknown field \"\($0)\"" })
  }

  /// Warns of what is legal in an object but better done otherwise.
  mutating func review(_ object: APIObject, replacing old: APIObject?) {
    guard self.resource.isCustom else { return }
    self.warnings += MetadataFaults.warnings(of: object, replacing: old)
  }

  private mutating func report(_ faults: [String]) throws(APIFailure) {
    switch self.validation {
    case .ignore: ()
    case .warn: self.warnings += faults.prefix(100)
    case .strict:
      guard !faults.isEmpty else { return }
      throw .badRequest(
        "\(self.resource.kind) in version \"\(self.resource.version.name)\" cannot be handled as a "
          + "\(self.resource.kind): strict decoding error: \(faults.joined(separator: ", "))")
    }
  }

  private func undecodable(_ fault: FieldFault, type: String) -> APIFailure {
    .badRequest(
      "\(self.resource.kind) in version \"\(self.resource.version.name)\" cannot be handled as a "
        + "\(self.resource.kind): json: cannot unmarshal field \(type).\(fault.field): \(fault.message)")
  }

  /// The metadata without empty collections and texts, which the real server leaves out too.
  ///
  /// An empty list of managed fields stays, as it asks for something.
  private static func withoutEmpty(_ metadata: JSONValue) -> JSONValue {
    guard let fields = metadata.objectValue else { return metadata }
    return .object(
      fields.filter { name, value in
        switch value {
        case .null: false
        case .object(let inner): !inner.isEmpty
        case .array(let inner): !inner.isEmpty || name == "managedFields"
        case .string(let text): !text.isEmpty
        default: true
        }
      })
  }
}

extension APIObject {
  /// Whether the object is nested so many levels deep at most.
  ///
  /// Its managed fields are as deep as the rest of it and some more, and are bounded where they are read.
  fileprivate func isFlat(within depth: Int) -> Bool {
    guard self.json.depth > depth else { return true }
    var object = self
    object[metadata: "managedFields"] = nil
    return object.json.depth <= depth
  }
}
