import KubernetesModel
import RegularExpression

/// A structural OpenAPI v3 schema, as CustomResourceDefinitions carry them.
///
/// A class, because schemas contain schemas and are shared by every request; nothing in it ever changes.
final class StructuralSchema: Sendable {
  enum ValueType: String, Sendable { case object, array, string, integer, number, boolean }
  enum ListType: String, Sendable { case atomic, set, map }

  /// What keys beyond `properties` may hold.
  enum AdditionalProperties: Sendable {
    case none, any
    case schema(StructuralSchema)
  }

  /// Bounds of a number.
  struct NumberBounds: Sendable {
    var minimum: Double?
    var maximum: Double?
    var exclusiveMinimum = false
    var exclusiveMaximum = false
    var multipleOf: Double?
  }

  /// Bounds of a string's length, an array's or an object's count.
  struct SizeBounds: Sendable {
    var minimum: Int?
    var maximum: Int?
  }

  /// Schemas that a value must fulfil besides; they neither prune nor default.
  struct Combinations: Sendable {
    var allOf: [StructuralSchema] = []
    var anyOf: [StructuralSchema] = []
    var oneOf: [StructuralSchema] = []
    var not: StructuralSchema?

    var isEmpty: Bool { self.allOf.isEmpty && self.anyOf.isEmpty && self.oneOf.isEmpty && self.not == nil }
  }

  let type: ValueType?
  let properties: [String: StructuralSchema]
  let additionalProperties: AdditionalProperties
  let items: StructuralSchema?
  let required: [String]
  let enumeration: [JSONValue]?
  let pattern: Pattern?
  let format: String?
  let number: NumberBounds
  let length: SizeBounds
  let itemCount: SizeBounds
  let propertyCount: SizeBounds
  let uniqueItems: Bool
  let defaultValue: JSONValue?
  let isNullable: Bool
  let preservesUnknownFields: Bool
  let isEmbeddedResource: Bool
  let isIntOrString: Bool
  let listType: ListType?
  let listMapKeys: [String]
  /// Whether an object is written as a whole (`x-kubernetes-map-type: atomic`).
  let isAtomicMap: Bool
  let combinations: Combinations
  /// The rules in CEL, as they are written.
  let rules: [SchemaRule]

  /// Whether the schema says anything of fields at all; one that does not prunes nothing away by itself.
  var hasFields: Bool { !self.properties.isEmpty }

  /// Reads a schema.
  ///
  /// - Throws: ``SchemaFault`` for a schema that cannot be served.
  init(_ json: JSONValue, path: String = "openAPIV3Schema") throws(SchemaFault) {
    let reader = SchemaReader(json: json, path: path)
    guard json.objectValue != nil else { throw SchemaFault(path: path, detail: "must be an object") }
    self.type = try reader.type()
    self.properties = try reader.schemas("properties")
    self.additionalProperties = try reader.additionalProperties()
    self.items = try reader.schema("items")
    self.required = reader.strings("required")
    self.enumeration = json["enum"]?.arrayValue
    self.pattern = try reader.pattern()
    self.format = json["format"]?.stringValue
    self.number = reader.numberBounds()
    self.length = reader.sizeBounds("Length")
    self.itemCount = reader.sizeBounds("Items")
    self.propertyCount = reader.sizeBounds("Properties")
    self.uniqueItems = reader.flag("uniqueItems")
    self.defaultValue = json["default"]
    self.isNullable = reader.flag("nullable")
    self.preservesUnknownFields = reader.flag("x-kubernetes-preserve-unknown-fields")
    self.isEmbeddedResource = reader.flag("x-kubernetes-embedded-resource")
    self.isIntOrString = reader.flag("x-kubernetes-int-or-string")
    self.listType = json["x-kubernetes-list-type"]?.stringValue.flatMap(ListType.init)
    self.listMapKeys = reader.strings("x-kubernetes-list-map-keys")
    self.isAtomicMap = json["x-kubernetes-map-type"] == "atomic"
    self.combinations = try reader.combinations()
    self.rules = (json["x-kubernetes-validations"]?.arrayValue ?? []).map(SchemaRule.init)
  }
}

/// Why a schema cannot be served.
struct SchemaFault: Error, Sendable, Hashable {
  /// Where in the schema.
  var path: String
  var detail: String
}

/// Reads the parts of a schema.
private struct SchemaReader {
  let json: JSONValue
  let path: String

  func flag(_ field: String) -> Bool { self.json[field]?.boolValue ?? false }

  func strings(_ field: String) -> [String] { self.json[field]?.arrayValue?.compactMap(\.stringValue) ?? [] }

  func type() throws(SchemaFault) -> StructuralSchema.ValueType? {
    guard let text = self.json["type"]?.stringValue, !text.isEmpty else { return nil }
    guard let type = StructuralSchema.ValueType(rawValue: text) else {
      throw SchemaFault(path: "\(self.path).type", detail: "unknown type \"\(text)\"")
    }
    return type
  }

  func schema(_ field: String) throws(SchemaFault) -> StructuralSchema? {
    guard let json = self.json[field] else { return nil }
    return try StructuralSchema(json, path: "\(self.path).\(field)")
  }

  func schemas(_ field: String) throws(SchemaFault) -> [String: StructuralSchema] {
    var schemas: [String: StructuralSchema] = [:]
    for (name, json) in self.json[field]?.objectValue ?? [:] {
      schemas[name] = try StructuralSchema(json, path: "\(self.path).\(field)[\(name)]")
    }
    return schemas
  }

  func list(_ field: String) throws(SchemaFault) -> [StructuralSchema] {
    var schemas: [StructuralSchema] = []
    for (index, json) in (self.json[field]?.arrayValue ?? []).enumerated() {
      schemas.append(try StructuralSchema(json, path: "\(self.path).\(field)[\(index)]"))
    }
    return schemas
  }

  func additionalProperties() throws(SchemaFault) -> StructuralSchema.AdditionalProperties {
    switch self.json["additionalProperties"] {
    case nil, .bool(false): return .none
    case .bool(true): return .any
    case .some(let json): return .schema(try StructuralSchema(json, path: "\(self.path).additionalProperties"))
    }
  }

  func pattern() throws(SchemaFault) -> Pattern? {
    guard let text = self.json["pattern"]?.stringValue, !text.isEmpty else { return nil }
    do {
      return try Pattern(text)
    } catch {
      throw SchemaFault(path: "\(self.path).pattern", detail: error.message)
    }
  }

  func numberBounds() -> StructuralSchema.NumberBounds {
    StructuralSchema.NumberBounds(
      minimum: self.json["minimum"]?.numberValue, maximum: self.json["maximum"]?.numberValue,
      exclusiveMinimum: self.flag("exclusiveMinimum"), exclusiveMaximum: self.flag("exclusiveMaximum"),
      multipleOf: self.json["multipleOf"]?.numberValue)
  }

  func sizeBounds(_ suffix: String) -> StructuralSchema.SizeBounds {
    StructuralSchema.SizeBounds(
      minimum: self.json["min\(suffix)"]?.integerValue.map { Int($0) },
      maximum: self.json["max\(suffix)"]?.integerValue.map { Int($0) })
  }

  func combinations() throws(SchemaFault) -> StructuralSchema.Combinations {
    StructuralSchema.Combinations(
      allOf: try self.list("allOf"), anyOf: try self.list("anyOf"), oneOf: try self.list("oneOf"),
      not: try self.schema("not"))
  }
}

extension JSONValue {
  /// The number as a double, if this is any number.
  var numberValue: Double? {
    switch self {
    case .integer(let integer): Double(integer)
    case .double(let double): double
    default: nil
    }
  }
}
