import KubernetesModel

/// A map of an expression, or an object of JSON whose fields become values when they are read.
package struct MapValue: Sendable {
  private enum Storage: Sendable {
    case entries(keys: [MapKey], values: [MapKey: Value])
    case object([String: JSONValue], JSONShape)
  }

  private var storage: Storage

  /// An empty map.
  init() { self.storage = .entries(keys: [], values: [:]) }

  /// An object, read by a shape.
  init(_ fields: [String: JSONValue], _ shape: JSONShape) { self.storage = .object(fields, shape) }

  /// What the entries hold.
  enum Contents {
    case values([Value])
    case json([JSONValue])
  }

  /// What the entries hold, in no order.
  var contents: Contents {
    switch self.storage {
    case .entries(_, let values): .values(Array(values.values))
    case .object(let fields, _): .json(Array(fields.values))
    }
  }

  /// How many entries the map has.
  var count: Int {
    switch self.storage {
    case .entries(let keys, _): keys.count
    case .object(let fields, _): fields.count
    }
  }

  /// The keys: those of a map in the order in which they were added, those of an object by their names.
  var keys: [Value] {
    switch self.storage {
    case .entries(let keys, _): keys.map(\.value)
    case .object(let fields, let shape): fields.keys.sorted().compactMap(shape.memberName).map(Value.string)
    }
  }

  /// The value of a key; nil if there is none.
  ///
  /// - Throws: ``EvaluationError`` for data that does not have its schema's type.
  func value(_ key: Value) throws(EvaluationError) -> Value? {
    switch self.storage {
    case .entries(_, let values): return MapKey(key).flatMap { values[$0] }
    case .object(let fields, let shape):
      guard case .string(let name) = key else { throw .noSuchOverload }
      return try shape.member(name, of: fields)
    }
  }

  /// A field by its name, as far as it can be read.
  func member(_ name: String) -> Value? {
    // A field that cannot be read has no value to compare.
    try? self.value(.string(name))
  }

  /// Adds an entry.
  ///
  /// - Throws: ``EvaluationError`` for a key that no map can have, or that is there already.
  mutating func insert(_ value: Value, for key: Value) throws(EvaluationError) {
    guard case .entries(var keys, var values) = self.storage else { throw .noSuchOverload }
    if case .double = key { throw EvaluationError("unsupported key type") }
    guard let mapKey = MapKey(key) else { throw EvaluationError("unsupported key type: \(key.type.runtimeName)") }
    // Releases the old storage, so that the entries are changed in place.
    self.storage = .entries(keys: [], values: [:])
    if values.updateValue(value, forKey: mapKey) == nil { keys.append(mapKey) }
    self.storage = .entries(keys: keys, values: values)
  }

  /// Whether two maps have the same keys with equal values.
  func isEqual(to other: MapValue) -> Bool {
    guard self.count == other.count else { return false }
    if case .object(let fields, let shape) = self.storage, case .object(let others, _) = other.storage {
      return fields.allSatisfy { name, field in
        guard let otherField = others[name] else { return false }
        guard let memberShape = shape.shape(of: name) else { return field == otherField }
        // What cannot be read is equal to nothing.
        guard let left = try? memberShape.value(of: field), let right = try? memberShape.value(of: otherField) else {
          return field == otherField
        }
        return left.isEqual(to: right)
      }
    }
    return self.keys.allSatisfy { key in
      // What cannot be read is equal to nothing.
      guard let left = try? self.value(key), let right = try? other.value(key) else { return false }
      return left.isEqual(to: right)
    }
  }
}
