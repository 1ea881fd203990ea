import KubernetesModel

/// The part of JSONPath that printer columns use: `.spec.replicas`, `.spec.ports[0].port`, `.spec.list[*].name`,
/// `.status.conditions[?(@.type=="Ready")].status`, `.metadata.labels['example\.com/key']`.
struct ColumnPath: Sendable, Hashable {
  private enum Step: Sendable, Hashable {
    case field(String)
    case index(Int)
    case all
    case filter(path: [String], value: JSONValue, isEqual: Bool)
  }

  private let steps: [Step]

  /// The path of every object's name.
  static let name = ColumnPath(steps: [.field("metadata"), .field("name")])

  private init(steps: [Step]) { self.steps = steps }

  /// Reads a path; nil if it uses anything else.
  init?(_ text: String) {
    var rest = Substring(text)
    if rest.hasPrefix("{"), rest.hasSuffix("}") { rest = rest.dropFirst().dropLast() }
    if rest.hasPrefix("$") { rest.removeFirst() }
    var steps: [Step] = []
    while let first = rest.first {
      switch first {
      case ".":
        rest.removeFirst()
        let name = Self.takeName(&rest)
        if name.isEmpty { return nil }
        steps.append(name == "*" ? .all : .field(name))
      case "[":
        guard let end = Self.closingBracket(in: rest) else { return nil }
        guard let step = Self.bracket(rest[rest.index(after: rest.startIndex)..<end]) else { return nil }
        steps.append(step)
        rest = rest[rest.index(after: end)...]
      default: return nil
      }
    }
    guard !steps.isEmpty, steps.count <= 64 else { return nil }
    self.steps = steps
  }

  /// Every value that the path finds.
  func values(in root: JSONValue) -> [JSONValue] {
    var values = [root]
    for step in self.steps {
      values = values.flatMap { value -> [JSONValue] in
        switch step {
        case .field(let name): return value[name].map { [$0] } ?? []
        case .index(let index):
          let elements = value.arrayValue ?? []
          let position = index < 0 ? elements.count + index : index
          return elements.indices.contains(position) ? [elements[position]] : []
        case .all: return value.arrayValue ?? value.objectValue?.sorted { $0.key < $1.key }.map(\.value) ?? []
        case .filter(let path, let wanted, let isEqual):
          return (value.arrayValue ?? []).filter { element in
            let found = path.reduce(Optional(element)) { $0?[$1] }
            guard let found else { return false }
            return found.isEquivalent(to: wanted) == isEqual
          }
        }
      }
    }
    return values
  }

  private static func takeName(_ rest: inout Substring) -> String {
    var name = ""
    while let character = rest.first, character != ".", character != "[" {
      rest.removeFirst()
      if character == "\\", let escaped = rest.popFirst() { name.append(escaped) } else { name.append(character) }
    }
    return name
  }

  private static func closingBracket(in text: Substring) -> Substring.Index? {
    var quote: Character?
    var depth = 0
    for index in text.indices {
      let character = text[index]
      if let open = quote {
        if character == open { quote = nil }
      } else if character == "'" || character == "\"" {
        quote = character
      } else if character == "[" {
        depth += 1
      } else if character == "]" {
        depth -= 1
        if depth == 0 { return index }
      }
    }
    return nil
  }

  private static func bracket(_ content: Substring) -> Step? {
    if content == "*" { return .all }
    if let index = Int(content) { return .index(index) }
    if let name = Self.quoted(content) { return .field(name.replacing("\\.", with: ".")) }
    guard content.hasPrefix("?("), content.hasSuffix(")") else { return nil }
    let expression = content.dropFirst(2).dropLast()
    let operators = ["==", "!="]
    for symbol in operators {
      guard let range = expression.firstRange(of: symbol) else { continue }
      let left = expression[..<range.lowerBound].trimmingSpaces
      let right = expression[range.upperBound...].trimmingSpaces
      guard left.hasPrefix("@.") else { return nil }
      let value: JSONValue
      if let text = Self.quoted(right) {
        value = .string(text)
      } else if let json = try? JSONValue(parsing: Array(right.utf8)) {  // What is no literal is no filter of ours.
        value = json
      } else {
        return nil
      }
      let path = left.dropFirst(2).split(separator: ".").map(String.init)
      return .filter(path: path, value: value, isEqual: symbol == "==")
    }
    return nil
  }

  private static func quoted(_ text: Substring) -> String? {
    guard text.count >= 2, let first = text.first, first == "'" || first == "\"", text.last == first else { return nil }
    return String(text.dropFirst().dropLast())
  }
}

extension Substring {
  fileprivate var trimmingSpaces: Substring {
    var text = self.drop { $0 == " " }
    while text.last == " " { text.removeLast() }
    return text
  }
}
