extension JSONValue {
  /// This value with a JSON patch (RFC 6902) applied.
  ///
  /// - Throws: ``JSONPatchError`` of the first operation that fails.
  public func applying(_ patch: JSONPatch) throws(JSONPatchError) -> JSONValue {
    var application = JSONPatchApplication(document: self)
    for (index, operation) in patch.operations.enumerated() {
      try application.apply(operation, index: index)
    }
    return application.document
  }

  /// Whether both are the same JSON, numbers compared by value.
  public func isEquivalent(to other: JSONValue) -> Bool {
    switch (self, other) {
    case (.integer(let left), .double(let right)), (.double(let right), .integer(let left)): Double(left) == right
    case (.array(let left), .array(let right)):
      left.count == right.count && zip(left, right).allSatisfy { $0.isEquivalent(to: $1) }
    case (.object(let left), .object(let right)):
      left.count == right.count
        && left.allSatisfy { key, value in right[key].map { value.isEquivalent(to: $0) } ?? false }
    default: self == other
    }
  }

  /// How deeply arrays and objects are nested; 0 for a scalar.
  public var depth: Int {
    switch self {
    case .array(let elements): 1 + (elements.lazy.map(\.depth).max() ?? 0)
    case .object(let fields): 1 + (fields.values.lazy.map(\.depth).max() ?? 0)
    default: 0
    }
  }

  /// About how many bytes the value takes as JSON.
  var approximateSize: Int {
    switch self {
    case .null, .bool: 4
    case .integer, .double: 8
    case .string(let string): string.utf8.count + 2
    case .array(let elements): elements.reduce(2) { $0 + $1.approximateSize + 1 }
    case .object(let fields): fields.reduce(2) { $0 + $1.key.utf8.count + $1.value.approximateSize + 4 }
    }
  }
}

/// The document while a patch is being applied to it.
private struct JSONPatchApplication {
  var document: JSONValue
  private var copiedBytes = 0

  init(document: JSONValue) { self.document = document }

  mutating func apply(_ operation: JSONPatch.Operation, index: Int) throws(JSONPatchError) {
    switch operation {
    case .add(let path, let value): try self.add(value, at: path, index)
    case .remove(let path): _ = try self.remove(at: path, index)
    case .replace(let path, let value): try self.replace(value, at: path, index)
    case .move(let from, let path):
      guard from == path || !path.isInside(from) else {
        throw JSONPatchError(.malformed, "operation \(index): a value cannot move into itself", operation: index)
      }
      let value = try self.remove(at: from, index)
      try self.checkDepth(of: value, at: path, index)
      try self.add(value, at: path, index)
    case .copy(let from, let path):
      guard let value = self.document[from] else { throw Self.notFound(from, index) }
      self.copiedBytes += value.approximateSize
      guard self.copiedBytes <= JSONPatch.maximumCopiedBytes else {
        throw JSONPatchError(.tooLarge, "operation \(index): the patch copies too much", operation: index)
      }
      try self.checkDepth(of: value, at: path, index)
      try self.add(value, at: path, index)
    case .test(let path, let value):
      guard let found = self.document[path] else { throw Self.notFound(path, index) }
      guard found.isEquivalent(to: value) else {
        throw JSONPatchError(.testFailed, "operation \(index): testing value \(path) failed", operation: index)
      }
    }
  }

  private func checkDepth(of value: JSONValue, at path: JSONPointer, _ index: Int) throws(JSONPatchError) {
    guard value.depth + path.tokens.count <= 2 * JSONValue.maximumDepth else {
      throw JSONPatchError(.tooLarge, "operation \(index): the result is nested too deeply", operation: index)
    }
  }

  private mutating func add(_ value: JSONValue, at path: JSONPointer, _ index: Int) throws(JSONPatchError) {
    guard let last = path.tokens.last else {
      self.document = value
      return
    }
    try self.document.modify(at: path.tokens.dropLast()) { (parent) throws(JSONPatchError) in
      switch parent {
      case .object: parent?[last] = value
      case .array(var elements):
        parent = .null
        defer { parent = .array(elements) }
        guard let position = last == "-" ? elements.count : JSONValue.index(last), position <= elements.count else {
          throw Self.notFound(path, index)
        }
        elements.insert(value, at: position)
      default: throw Self.notFound(path, index)
      }
    }
  }

  private mutating func remove(at path: JSONPointer, _ index: Int) throws(JSONPatchError) -> JSONValue {
    guard let last = path.tokens.last else {
      let old = self.document
      self.document = .null
      return old
    }
    return try self.document.modify(at: path.tokens.dropLast()) { (parent) throws(JSONPatchError) in
      switch parent {
      case .object(var fields):
        parent = .null
        defer { parent = .object(fields) }
        guard let old = fields.removeValue(forKey: last) else { throw Self.notFound(path, index) }
        return old
      case .array(var elements):
        parent = .null
        defer { parent = .array(elements) }
        guard let position = JSONValue.index(last), position < elements.count else {
          throw Self.notFound(path, index)
        }
        return elements.remove(at: position)
      default: throw Self.notFound(path, index)
      }
    }
  }

  private mutating func replace(_ value: JSONValue, at path: JSONPointer, _ index: Int) throws(JSONPatchError) {
    try self.document.modify(at: path.tokens[...]) { (place) throws(JSONPatchError) in
      guard place != nil else { throw Self.notFound(path, index) }
      place = value
    }
  }

  private static func notFound(_ path: JSONPointer, _ index: Int) -> JSONPatchError {
    JSONPatchError(.notFound, "operation \(index): there is no value at '\(path)'", operation: index)
  }
}

extension JSONValue {
  /// Changes the value at a place without copying what is around it; `body` gets nil if there is none.
  fileprivate mutating func modify<Result>(
    at tokens: ArraySlice<String>, _ body: (inout JSONValue?) throws(JSONPatchError) -> Result
  ) throws(JSONPatchError) -> Result {
    guard let token = tokens.first else {
      var place: JSONValue? = self
      self = .null
      defer { self = place ?? .null }
      return try body(&place)
    }
    switch self {
    case .object(var fields):
      if let index = fields.index(forKey: token) {
        self = .null
        defer { self = .object(fields) }
        return try fields.values[index].modify(at: tokens.dropFirst(), body)
      }
    case .array(var elements):
      if let index = Self.index(token), index < elements.count {
        self = .null
        defer { self = .array(elements) }
        return try elements[index].modify(at: tokens.dropFirst(), body)
      }
    default: break
    }
    var nothing: JSONValue?
    return try body(&nothing)
  }
}
