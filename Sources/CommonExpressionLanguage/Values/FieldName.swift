/// The names that expressions use for fields whose own names are no identifiers.
package enum FieldName {
  private static let keywords: Set<String> = [
    "true", "false", "null", "in", "as", "break", "const", "continue", "else", "for", "function", "if", "import",
    "let", "loop", "package", "namespace", "return", "var", "void", "while",
  ]
  private static let marks: [Unicode.Scalar: String] = [".": "__dot__", "-": "__dash__", "/": "__slash__"]

  /// The name that expressions use; nil for a field that they cannot name.
  ///
  /// `a-b` is `a__dash__b`, and `namespace` is `__namespace__`.
  package static func escaped(_ name: String) -> String? {
    guard let first = name.unicodeScalars.first, first.isIdentifierStart || Self.marks[first] != nil else { return nil }
    guard !Self.keywords.contains(name) else { return "__\(name)__" }
    var result = ""
    var rest = name.unicodeScalars[...]
    while let scalar = rest.first {
      rest = rest.dropFirst()
      if let mark = Self.marks[scalar] {
        result += mark
      } else if scalar == "_", rest.first == "_" {
        rest = rest.dropFirst()
        result += "__underscores__"
      } else {
        guard scalar.isIdentifierStart || scalar.isDigit else { return nil }
        result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
