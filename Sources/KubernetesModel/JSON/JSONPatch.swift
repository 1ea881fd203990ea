/// A JSON patch (RFC 6902): operations that are carried out in order, all of them or none.
public struct JSONPatch: Sendable, Hashable {
  /// A patch may hold this many operations.
  public static let maximumOperations = 10_000
  /// What all `copy` operations of a patch together may copy, in bytes of JSON, roughly.
  static let maximumCopiedBytes = 3 << 20

  /// The operations in order.
  public var operations: [Operation]

  /// Creates a patch.
  public init(_ operations: [Operation]) { self.operations = operations }

  /// One step of a patch.
  public enum Operation: Sendable, Hashable {
    /// Adds a field, replaces it if there is one, or inserts an element before the index (`-` for the end).
    case add(JSONPointer, JSONValue)
    /// Removes what is there.
    case remove(JSONPointer)
    /// Replaces what is there.
    case replace(JSONPointer, JSONValue)
    /// Removes what is at the first place and adds it at the second.
    case move(from: JSONPointer, to: JSONPointer)
    /// Adds what is at the first place at the second too.
    case copy(from: JSONPointer, to: JSONPointer)
    /// Fails unless the value there is equal; numbers by value.
    case test(JSONPointer, JSONValue)
  }

  /// Reads the JSON form: an array of objects with `op`, `path`, and `value` or `from`.
  ///
  /// - Throws: ``JSONPatchError`` with code `malformed` or `tooLarge`.
  public init(_ json: JSONValue) throws(JSONPatchError) {
    guard case .array(let elements) = json else {
      throw JSONPatchError(.malformed, "a JSON patch is an array of operations")
    }
    guard elements.count <= Self.maximumOperations else {
      throw JSONPatchError(
        .tooLarge, "the patch has \(elements.count) operations, the limit is \(Self.maximumOperations)")
    }
    var operations: [Operation] = []
    operations.reserveCapacity(elements.count)
    for (index, element) in elements.enumerated() {
      operations.append(try Self.operation(element, index: index))
    }
    self.operations = operations
  }

  private static func operation(_ json: JSONValue, index: Int) throws(JSONPatchError) -> Operation {
    func pointer(_ field: String) throws(JSONPatchError) -> JSONPointer {
      guard let text = json[field]?.stringValue, let pointer = JSONPointer(text) else {
        throw JSONPatchError(.malformed, "operation \(index): '\(field)' must be a JSON pointer", operation: index)
      }
      return pointer
    }
    func value() throws(JSONPatchError) -> JSONValue {
      guard let value = json["value"] else {
        throw JSONPatchError(.malformed, "operation \(index): 'value' is missing", operation: index)
      }
      return value
    }
    switch json["op"]?.stringValue {
    case "add": return .add(try pointer("path"), try value())
    case "remove": return .remove(try pointer("path"))
    case "replace": return .replace(try pointer("path"), try value())
    case "move": return .move(from: try pointer("from"), to: try pointer("path"))
    case "copy": return .copy(from: try pointer("from"), to: try pointer("path"))
    case "test": return .test(try pointer("path"), try value())
    default:
      throw JSONPatchError(
        .malformed, "operation \(index): 'op' must be add, remove, replace, move, copy or test", operation: index)
    }
  }

  /// The JSON form.
  public var json: JSONValue {
    .array(
      self.operations.map { operation in
        switch operation {
        case .add(let path, let value): ["op": "add", "path": .string(path.description), "value": value]
        case .remove(let path): ["op": "remove", "path": .string(path.description)]
        case .replace(let path, let value): ["op": "replace", "path": .string(path.description), "value": value]
        case .move(let from, let path):
          ["op": "move", "from": .string(from.description), "path": .string(path.description)]
        case .copy(let from, let path):
          ["op": "copy", "from": .string(from.description), "path": .string(path.description)]
        case .test(let path, let value): ["op": "test", "path": .string(path.description), "value": value]
        }
      })
  }
}

/// Why a JSON patch could not be read or applied.
public struct JSONPatchError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The kind of fault.
  public var code: Code
  /// One sentence for a person.
  public var message: String
  /// The index of the operation at fault, if one is.
  public var operation: Int?

  /// Creates an error.
  public init(_ code: Code, _ message: String, operation: Int? = nil) {
    self.code = code
    self.message = message
    self.operation = operation
  }

  /// The message.
  public var description: String { self.message }

  /// The kind of fault.
  ///
  /// New kinds may be added.
  public struct Code: Sendable, Hashable, CustomStringConvertible {
    private enum Kind: String { case malformed, tooLarge, notFound, testFailed }
    private let kind: Kind
    /// The code's name.
    public var description: String { self.kind.rawValue }

    /// The patch is not one.
    public static let malformed = Code(kind: .malformed)
    /// Too many operations, or too much copied or nested.
    public static let tooLarge = Code(kind: .tooLarge)
    /// An operation's place does not exist.
    public static let notFound = Code(kind: .notFound)
    /// A `test` found another value.
    public static let testFailed = Code(kind: .testFailed)
  }
}
