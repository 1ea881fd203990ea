/// Why bytes are not JSON.
public struct JSONError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The kind of fault.
  public var code: Code
  /// One sentence for a person.
  public var message: String
  /// How many bytes stand before the fault.
  public var offset: Int

  /// Creates an error.
  public init(_ code: Code, _ message: String, offset: Int) {
    self.code = code
    self.message = message
    self.offset = offset
  }

  /// The message and the place.
  public var description: String { "\(self.message) at byte \(self.offset)" }

  /// The kind of fault.
  ///
  /// New kinds may be added.
  public struct Code: Sendable, Hashable, CustomStringConvertible {
    private enum Kind: String { case endOfInput, syntax, number, string, depth, size, trailing }
    private let kind: Kind
    /// The code's name.
    public var description: String { self.kind.rawValue }

    /// The input ends inside a value.
    public static let endOfInput = Code(kind: .endOfInput)
    /// A byte that may not stand where it stands.
    public static let syntax = Code(kind: .syntax)
    /// A number that is malformed, or larger than a double.
    public static let number = Code(kind: .number)
    /// A string with a bad escape, a control character, or bytes that are not UTF-8.
    public static let string = Code(kind: .string)
    /// Arrays and objects nested too deeply.
    public static let depth = Code(kind: .depth)
    /// A text that is too large to be read.
    public static let size = Code(kind: .size)
    /// Something stands after the value.
    public static let trailing = Code(kind: .trailing)
  }
}
