import KubernetesModel

/// A list, and what tells its elements apart.
package struct ListValue: Sendable {
  /// How the elements of a list are told apart, which decides when two lists are equal.
  package enum Identity: Sendable, Hashable {
    /// By their places.
    case position
    /// By their values; their order does not matter (`x-kubernetes-list-type: set`).
    case value
    /// By the fields that are its keys; their order does not matter (`x-kubernetes-list-type: map`).
    case keys([String])
  }

  private enum Storage: Sendable {
    case values([Value])
    /// Elements that become values when they are read.
    case json([JSONValue], JSONShape)
  }

  private var storage: Storage
  let identity: Identity

  /// A list of values.
  init(_ elements: [Value]) {
    self.storage = .values(elements)
    self.identity = .position
  }

  /// A list of JSON, read by a shape.
  init(_ elements: [JSONValue], _ shape: JSONShape, identity: Identity) {
    self.storage = .json(elements, shape)
    self.identity = identity
  }

  var count: Int {
    switch self.storage {
    case .values(let elements): elements.count
    case .json(let elements, _): elements.count
    }
  }

  /// An element; nil if there are fewer.
  ///
  /// - Throws: ``EvaluationError`` for data that does not have its schema's type.
  func element(_ index: Int) throws(EvaluationError) -> Value? {
    guard index >= 0, index < self.count else { return nil }
    switch self.storage {
    case .values(let elements): return elements[index]
    case .json(let elements, let shape): return try shape.value(of: elements[index])
    }
  }

  /// The elements in their order.
  ///
  /// - Throws: ``EvaluationError`` for data that does not have its schema's type.
  func elements() throws(EvaluationError) -> [Value] {
    switch self.storage {
    case .values(let elements): return elements
    case .json(let elements, let shape):
      var values: [Value] = []
      values.reserveCapacity(elements.count)
      for element in elements { values.append(try shape.value(of: element)) }
      return values
    }
  }

  /// The elements as far as they can be read.
  var readableElements: [Value] {
    // What cannot be read is equal to nothing, and has no size.
    (try? self.elements()) ?? []
  }

  /// The list with another list's elements.
  ///
  /// Those of a set are added once, and those of a list with keys replace the elements that have their keys.
  func appending(_ other: ListValue) throws(EvaluationError) -> ListValue {
    var elements = try self.elements()
    switch self.identity {
    case .position: elements += try other.elements()
    case .value:
      for element in try other.elements() where !elements.contains(where: { $0.isEqual(to: element) }) {
        elements.append(element)
      }
    case .keys(let keys):
      var places: [[MapKey?]: Int] = [:]
      for (index, element) in elements.enumerated() { places[Self.key(of: element, keys)] = index }
      for element in try other.elements() {
        if let index = places[Self.key(of: element, keys)] {
          elements[index] = element
        } else {
          elements.append(element)
        }
      }
    }
    return ListValue(elements)
  }

  /// Whether two lists are equal, by what tells the elements of the first apart.
  func isEqual(to other: ListValue) -> Bool {
    guard self.count == other.count else { return false }
    let (elements, others) = (self.readableElements, other.readableElements)
    guard elements.count == self.count, others.count == self.count else { return false }
    switch self.identity {
    case .position: return zip(elements, others).allSatisfy { $0.isEqual(to: $1) }
    case .value:
      let (keys, otherKeys) = (elements.compactMap(MapKey.init), others.compactMap(MapKey.init))
      if keys.count == elements.count, otherKeys.count == others.count { return Set(keys) == Set(otherKeys) }
      return elements.allSatisfy { element in others.contains { element.isEqual(to: $0) } }
        && others.allSatisfy { other in elements.contains { other.isEqual(to: $0) } }
    case .keys(let keys):
      var found: [[MapKey?]: Value] = [:]
      for other in others { found[Self.key(of: other, keys)] = other }
      return found.count == others.count
        && elements.allSatisfy { found[Self.key(of: $0, keys)]?.isEqual(to: $0) ?? false }
    }
  }

  private static func key(of element: Value, _ keys: [String]) -> [MapKey?] {
    guard case .map(let map) = element else { return [] }
    return keys.map { map.member($0).flatMap(MapKey.init) }
  }

  /// How large the list and what it contains is, for the cost of comparing it.
  var weight: Int {
    let weight: Int =
      switch self.storage {
      case .values(let elements): elements.reduce(elements.count) { $0 + $1.weight }
      case .json(let elements, _): elements.reduce(elements.count) { $0 + $1.weight }
      }
    // Sets of what is no key are compared each with each.
    guard self.identity == .value, let first = self.readableElements.first, MapKey(first) == nil else { return weight }
    return weight.multipliedReportingOverflow(by: self.count).overflow ? .max / 2 : weight * self.count
  }
}

extension JSONValue {
  /// How large the value and what it contains is.
  fileprivate var weight: Int {
    switch self {
    case .string(let text): 1 + text.utf8.count / 8
    case .array(let elements): elements.reduce(1) { $0 + $1.weight }
    case .object(let fields): fields.values.reduce(1) { $0 + $1.weight }
    default: 1
    }
  }
}

extension Value {
  /// How large the value and what it contains is, for the cost of comparing it.
  var weight: Int {
    switch self {
    case .list(let list): list.weight
    case .map(let map): map.weight
    case .optional(let value?): value.weight
    default: self.costSize
    }
  }
}

extension MapValue {
  /// How large the map and what it contains is.
  fileprivate var weight: Int {
    switch self.contents {
    case .values(let values): values.reduce(1) { $0 + $1.weight }
    case .json(let fields): fields.reduce(1) { $0 + $1.weight }
    }
  }
}
