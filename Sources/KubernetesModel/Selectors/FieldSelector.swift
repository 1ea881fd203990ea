/// Requirements on an object's fields; what `fieldSelector=` carries: `metadata.name=x,status.phase!=Running`.
public struct FieldSelector: Sendable, Hashable, CustomStringConvertible {
  /// The requirements, all of which must be fulfilled.
  public var requirements: [Requirement]

  /// Creates a selector.
  public init(_ requirements: [Requirement] = []) { self.requirements = requirements }

  /// One requirement on one field.
  public struct Requirement: Sendable, Hashable, CustomStringConvertible {
    /// The field's path, such as `spec.nodeName`.
    public var field: String
    /// The value that is compared with; an absent field counts as empty.
    public var value: String
    /// Whether the field must be equal, or must not.
    public var isEqual: Bool

    /// Creates a requirement.
    public init(field: String, value: String, isEqual: Bool = true) {
      self.field = field
      self.value = value
      self.isEqual = isEqual
    }

    /// Whether a field's value fulfils the requirement.
    public func matches(_ found: String?) -> Bool { ((found ?? "") == self.value) == self.isEqual }

    /// The string syntax.
    public var description: String {
      let escaped = self.value.reduce(into: "") { text, character in
        if "\\,=".contains(character) { text.append("\\") }
        text.append(character)
      }
      return "\(self.field)\(self.isEqual ? "=" : "!=")\(escaped)"
    }
  }

  /// The string syntax.
  public var description: String { self.requirements.map(\.description).joined(separator: ",") }

  /// Parses the string syntax; `\` escapes `,`, `=` and itself in values.
  ///
  /// - Throws: ``SelectorError`` worded like kube-apiserver's.
  public init(_ text: String) throws(SelectorError) {
    var requirements: [Requirement] = []
    for term in Self.terms(of: text) where !term.isEmpty {
      requirements.append(try Self.requirement(term))
    }
    self.requirements = requirements
  }

  private static func terms(of text: String) -> [String] {
    var terms = [""]
    var isEscaped = false
    for character in text {
      if character == "," && !isEscaped {
        terms.append("")
        continue
      }
      terms[terms.count - 1].append(character)
      isEscaped = character == "\\" && !isEscaped
    }
    return terms
  }

  private static func requirement(_ term: String) throws(SelectorError) -> Requirement {
    guard let sign = term.firstIndex(where: { $0 == "=" || $0 == "!" }) else {
      throw SelectorError("invalid selector: '\(term)'; can't understand '\(term)'")
    }
    let rest = term[sign...]
    let isEqual = term[sign] == "="
    guard isEqual || rest.hasPrefix("!=") else {
      throw SelectorError("invalid selector: '\(term)'; can't understand '\(term)'")
    }
    let escaped = rest.dropFirst(rest.hasPrefix("==") || !isEqual ? 2 : 1)
    var value = ""
    var isEscaped = false
    for character in escaped {
      switch (isEscaped, character) {
      case (false, "\\"): isEscaped = true
      case (true, "\\"), (true, ","), (true, "="), (false, _):
        if character == "=" && !isEscaped {
          throw SelectorError("invalid field selector: unescaped = in '\(escaped)'")
        }
        value.append(character)
        isEscaped = false
      default: throw SelectorError("invalid field selector: invalid escape sequence in '\(escaped)'")
      }
    }
    guard !isEscaped else { throw SelectorError("invalid field selector: invalid escape sequence in '\(escaped)'") }
    return Requirement(field: String(term[..<sign]), value: value, isEqual: isEqual)
  }
}
