import KubernetesModel

/// How a place in a JSON document looks to an expression: which type it has, and how its JSON becomes a value.
///
/// A class, because shapes contain shapes, and as two objects have the same type only if they share a shape.
package final class JSONShape: Sendable {
  /// What may be at the place.
  package enum Kind: Sendable {
    /// Anything, as it is.
    case any
    /// An integer or a text.
    case intOrString
    case bool, int, double, string
    /// Base64 of bytes.
    case bytes
    case duration
    /// A date, with or without the time of day.
    case date, dateTime
    case list(JSONShape, ListValue.Identity)
    /// An object of which the fields are known; a field without a shape cannot be read.
    case object([String: JSONShape])
    /// An object with keys of any names.
    case map(JSONShape)
    /// Data without a schema, which can only be compared.
    case opaque
  }

  /// What bounds the data, for the estimate of what an expression costs.
  package struct Limits: Sendable {
    /// The most elements, fields, or bytes of text.
    package var maximumSize: UInt64
    /// The fewest bytes of JSON.
    package var minimumBytes: UInt64

    /// Creates limits.
    package init(maximumSize: UInt64 = 0, minimumBytes: UInt64 = 0) {
      self.maximumSize = maximumSize
      self.minimumBytes = minimumBytes
    }
  }

  /// Anything, as it is.
  package static let any = JSONShape(.any)

  /// What may be at the place.
  package let kind: Kind
  /// How the type is called in messages; empty for a type that has a name of its own.
  package let name: String
  let isNullable: Bool
  package let limits: Limits
  /// The names of an object's fields by the names that expressions use.
  private let fieldNames: [String: String]

  /// Creates a shape.
  ///
  /// - Parameter escapesNames: whether expressions know fields by their escaped names, as they do in rules of schemas.
  package init(
    _ kind: Kind, name: String = "", isNullable: Bool = false, limits: Limits = Limits(), escapesNames: Bool = true
  ) {
    self.kind = kind
    self.name = name
    self.isNullable = isNullable
    self.limits = limits
    if case .object(let fields) = kind {
      let names = fields.keys.compactMap { name in
        (escapesNames ? FieldName.escaped(name) : name).map { ($0, name) }
      }
      self.fieldNames = Dictionary(names, uniquingKeysWith: { first, _ in first })
    } else {
      self.fieldNames = [:]
    }
  }

  /// The type that expressions see.
  package var type: ValueType {
    switch self.kind {
    case .any, .intOrString, .opaque: .dyn
    case .bool: .bool
    case .int: .int
    case .double: .double
    case .string: .string
    case .bytes: .bytes
    case .duration: .duration
    case .date, .dateTime: .timestamp
    case .list(let items, _): .list(items.type)
    case .map(let values): .map(.string, values.type)
    case .object: .object(self)
    }
  }

  /// The shape of a field by the name that expressions use; nil if they may not read it.
  func field(_ name: String) -> JSONShape? {
    guard let jsonName = self.fieldNames[name], let shape = self.shape(of: jsonName) else { return nil }
    if case .opaque = shape.kind { return nil }
    return shape
  }

  /// The shape of a field by its name in JSON.
  package func shape(of jsonName: String) -> JSONShape? {
    switch self.kind {
    case .object(let fields): fields[jsonName]
    case .map(let values): values
    case .any: self
    default: nil
    }
  }

  /// The name by which expressions know a field of JSON; nil if they cannot read it.
  func memberName(_ jsonName: String) -> String? {
    guard case .object(let fields) = self.kind else { return self.shape(of: jsonName) == nil ? nil : jsonName }
    guard fields[jsonName] != nil else { return nil }
    return self.fieldNames.first { $0.value == jsonName }?.key ?? jsonName
  }

  /// A field's value by the name that expressions use; nil if there is none.
  ///
  /// A field of a known name that is null counts as absent.
  func member(_ name: String, of fields: [String: JSONValue]) throws(EvaluationError) -> Value? {
    switch self.kind {
    case .object(let shapes):
      guard let jsonName = self.fieldNames[name], let field = fields[jsonName], !field.isNull else { return nil }
      return try shapes[jsonName]?.value(of: field)
    case .map(let values):
      guard let field = fields[name] else { return nil }
      return try values.value(of: field)
    case .any:
      guard let field = fields[name] else { return nil }
      return try self.value(of: field)
    default: return nil
    }
  }
}
