package import KubernetesModel

/// What a CustomResourceDefinition says of the objects of one of its versions, to judge them without a server.
package struct ObjectSchema: Sendable {
  private let schema: StructuralSchema
  private let rules: any KindRules

  /// Reads the schema of a version.
  ///
  /// - Parameter definition: a CustomResourceDefinition.
  /// - Returns: nil if it does not serve that version with a schema.
  package init?(_ definition: JSONValue, version: String) {
    let resource = CustomResourceDefinition.resource(of: APIObject(definition))
    guard let found = resource?.versions.first(where: { $0.name == version }), let schema = found.schema else {
      return nil
    }
    self.schema = schema
    self.rules = found.rules
  }

  /// What became of an object that a client sent.
  package struct Reading: Sendable {
    /// The object as it would be stored: with its defaults, and without what nobody knows.
    package var object: JSONValue
    /// The paths of fields that nobody knows.
    package var unknownFields: [String]
    /// What is wrong with what is left.
    package var faults: [FieldFault]
  }

  /// Reads an object as the API server reads it on creation.
  ///
  /// Rules in CEL are not evaluated: the rules of the kinds in Swift decide the same, and name the field.
  package func read(_ object: JSONValue) -> Reading {
    var object = object
    var unknown: [String] = []
    if var metadata = object["metadata"], let schema = BuiltInSchemas.metadata {
      unknown += schema.prune(&metadata, path: "metadata")
      schema.applyDefaults(to: &metadata)
      object["metadata"] = metadata
    }
    unknown += self.schema.prune(&object, isResource: true)
    self.schema.applyDefaults(to: &object)
    let metadata = object["metadata"] ?? [:]
    var faults = BuiltInSchemas.metadata?.faults(in: metadata, path: "metadata") ?? []
    // Names and labels of another type than text are told of already.
    if faults.isEmpty {
      faults = MetadataFaults.all(in: APIObject(object), rules: self.rules)
    }
    faults += self.schema.faults(in: object, isResource: true)
    return Reading(object: object, unknownFields: unknown, faults: faults)
  }
}
