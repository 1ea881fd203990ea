/// A path of fields from one place of a schema on, such as `.spec['a.b'].size`.
struct SchemaFieldPath: Sendable, Hashable {
  /// As faults show it, without a point before it.
  let text: String

  /// Reads a path; nil for one that leads nowhere.
  init?(_ source: String, in schema: StructuralSchema) {
    var rest = Substring(source)
    var schema = schema
    var text = ""
    while let mark = rest.first {
      rest.removeFirst()
      let name: String
      switch mark {
      case ".":
        name = String(rest.prefix { $0 != "." && $0 != "[" && $0 != "]" })
        rest = rest.dropFirst(name.count)
      case "[":
        guard let quoted = Self.quotedName(&rest) else { return nil }
        name = quoted
      default: return nil
      }
      guard !name.isEmpty else { return nil }
      if !schema.properties.isEmpty {
        guard let property = schema.properties[name] else { return nil }
        schema = property
        text += text.isEmpty ? name : ".\(name)"
      } else if case .schema(let values) = schema.additionalProperties {
        schema = values
        text += "[\(name)]"
      } else {
        return nil
      }
    }
    self.text = text
  }

  /// Reads `'name']`.
  private static func quotedName(_ rest: inout Substring) -> String? {
    let escapes: [Character: Character] = [
      "a": "\u{07}", "b": "\u{08}", "f": "\u{0C}", "n": "\n", "r": "\r", "t": "\t", "v": "\u{0B}", "'": "'", "\\": "\\",
    ]
    guard rest.first == "'" else { return nil }
    rest.removeFirst()
    var name = ""
    while let character = rest.first {
      rest.removeFirst()
      switch character {
      case "'":
        guard rest.first == "]" else { return nil }
        rest.removeFirst()
        return name
      case "\\":
        guard let escaped = rest.first.flatMap({ escapes[$0] }) else { return nil }
        rest.removeFirst()
        name.append(escaped)
      default: name.append(character)
      }
    }
    return nil
  }
}
