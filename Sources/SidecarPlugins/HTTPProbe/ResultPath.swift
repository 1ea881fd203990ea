import KubernetesModel

/// Where in a JSON document the result of a probe stands: a part of gjson's syntax.
///
/// Keys and array indices with dots between them, `\` before a letter that is meant as it is, and `#`: the number of
/// elements at the end, and every element in between (`items.#.name` is an array of names). Wildcards, queries, pipes,
/// modifiers, literals and several paths in one are refused as the configuration is read.
struct ResultPath: Sendable, Hashable {
  /// One step.
  enum Step: Sendable, Hashable {
    /// A field of an object, or an element of an array if it is a number.
    case key(String)
    /// The elements of an array.
    case elements
  }

  var steps: [Step]

  /// Steps that a path may have.
  static let mostSteps = 64

  /// Reads a path.
  ///
  /// - Throws: ``ResultPathFault`` saying what is not supported.
  init(_ text: String) throws(ResultPathFault) {
    guard !text.isEmpty else { throw ResultPathFault("must not be empty") }
    var steps: [Step] = []
    var key = ""
    var isEscaped = false
    var hasEscape = false
    func step() throws(ResultPathFault) -> Step {
      if key == "#", !hasEscape { return .elements }
      guard !key.isEmpty else { throw ResultPathFault("has an empty step") }
      return .key(key)
    }
    for (index, letter) in text.enumerated() {
      if isEscaped {
        key.append(letter)
        isEscaped = false
        continue
      }
      switch letter {
      case "\\":
        isEscaped = true
        hasEscape = true
      case ".":
        steps.append(try step())
        key = ""
        hasEscape = false
      case "*", "?": throw ResultPathFault("wildcards (\(letter)) are not supported; write \\\(letter) for the letter")
      case "|": throw ResultPathFault("pipes (|) are not supported; write \\| for the letter")
      case "(" where key == "#" && !hasEscape: throw ResultPathFault("queries (#(…)) are not supported")
      case "@" where key.isEmpty: throw ResultPathFault("modifiers (@…) are not supported; write \\@ for the letter")
      case "!" where key.isEmpty: throw ResultPathFault("literals (!…) are not supported; write \\! for the letter")
      case "{" where key.isEmpty, "[" where key.isEmpty:
        throw ResultPathFault("several paths in one (\(letter)…) are not supported; an index is written .0")
      default: key.append(letter)
      }
      if index > 1024 { throw ResultPathFault("must not be longer than 1024 letters") }
    }
    guard !isEscaped else { throw ResultPathFault("ends in a \\ without a letter") }
    steps.append(try step())
    guard steps.count <= Self.mostSteps else { throw ResultPathFault("has more than \(Self.mostSteps) steps") }
    self.steps = steps
  }

  /// What stands there; nil if nothing does.
  func value(in document: JSONValue) -> JSONValue? { Self.value(self.steps[...], in: document) }

  private static func value(_ steps: ArraySlice<Step>, in value: JSONValue) -> JSONValue? {
    guard let step = steps.first else { return value }
    let rest = steps.dropFirst()
    switch (step, value) {
    case (.key(let key), .object(let fields)):
      return fields[key].flatMap { Self.value(rest, in: $0) }
    case (.key(let key), .array(let elements)):
      guard let index = Int(key), elements.indices.contains(index) else { return Optional.none }
      return Self.value(rest, in: elements[index])
    case (.elements, .array(let elements)):
      if rest.isEmpty { return .integer(Int64(elements.count)) }
      return .array(elements.compactMap { Self.value(rest, in: $0) })
    default: return Optional.none
    }
  }

  /// A value as the text that is stored: strings as they are, everything else as JSON writes it.
  static func text(_ value: JSONValue) -> String {
    value.stringValue ?? String(decoding: value.serialized(), as: UTF8.self)
  }
}

/// Why a path cannot be used.
struct ResultPathFault: Error, Sendable, Hashable, CustomStringConvertible {
  var description: String
  init(_ description: String) { self.description = description }
}
