/// One node of a parsed expression.
///
/// A class, as the checker and the cost estimator keep what they find about a node under its identity.
final class Expression: Sendable {
  /// What a node is.
  enum Kind: Sendable {
    case literal(Value)
    case identifier(String)
    /// A field of an operand; `isTest` for the argument of `has()`.
    case select(Expression, field: String, isTest: Bool)
    case call(Call)
    case list([Expression], optionals: Set<Int>)
    case map([MapEntry])
    case comprehension(Comprehension)
    /// A message literal, which no type of this language's use in Kubernetes has.
    case message(String)
  }

  /// A call of a function, an operator, or a method of a target.
  struct Call: Sendable {
    var function: String
    var target: Expression?
    var arguments: [Expression]
  }

  /// One entry of a map literal.
  struct MapEntry: Sendable {
    var key: Expression
    var value: Expression
    var isOptional = false
  }

  /// The loop that a macro such as `all` stands for.
  struct Comprehension: Sendable {
    var range: Expression
    /// The element of a list, or the key of a map; with a second variable, the index or the key.
    var variable: String
    /// The element of a list, or the value of a map.
    var secondVariable: String?
    var accumulator: String
    var initial: Expression
    var condition: Expression
    var step: Expression
    var result: Expression
  }

  let kind: Kind
  /// Where errors point to, in code points from the start of the expression.
  let offset: Int
  /// How many nodes lie above one another from here on, at least 1.
  let depth: Int

  init(_ kind: Kind, at offset: Int) {
    self.kind = kind
    self.offset = offset
    self.depth = 1 + (Self.children(of: kind).map(\.depth).max() ?? 0)
  }

  /// The operands of the node, in the order in which they are written.
  var children: [Expression] { Self.children(of: self.kind) }

  private static func children(of kind: Kind) -> [Expression] {
    switch kind {
    case .literal, .identifier, .message: []
    case .select(let operand, _, _): [operand]
    case .call(let call): (call.target.map { [$0] } ?? []) + call.arguments
    case .list(let elements, _): elements
    case .map(let entries): entries.flatMap { [$0.key, $0.value] }
    case .comprehension(let loop): [loop.range, loop.initial, loop.condition, loop.step, loop.result]
    }
  }

  /// A call of an operator or a global function.
  static func call(_ function: String, _ arguments: [Expression], at offset: Int) -> Expression {
    Expression(.call(Call(function: function, target: nil, arguments: arguments)), at: offset)
  }

  /// The name, if the node is a simple identifier.
  var simpleName: String? { if case .identifier(let name) = self.kind { name } else { nil } }

  /// The literal's value, if the node is one.
  var literalValue: Value? { if case .literal(let value) = self.kind { value } else { nil } }

  /// The dotted name that the node spells, such as `optional` or `a.b`.
  var qualifiedName: String? {
    switch self.kind {
    case .identifier(let name): name
    case .select(let operand, let field, isTest: false): operand.qualifiedName.map { "\($0).\(field)" }
    default: nil
    }
  }
}

extension Expression {
  /// The names that no loop of the expression declares.
  var freeNames: Set<String> {
    switch self.kind {
    case .identifier(let name): return [name]
    case .comprehension(let loop):
      let body = [loop.condition, loop.step, loop.result].reduce(into: Set<String>()) { $0.formUnion($1.freeNames) }
      let declared = [loop.variable, loop.secondVariable, loop.accumulator].compactMap { $0 }
      return loop.range.freeNames.union(loop.initial.freeNames).union(body.subtracting(declared))
    default: return self.children.reduce(into: []) { $0.formUnion($1.freeNames) }
    }
  }
}

/// The names of the operators' functions.
enum Operator {
  static let conditional = "_?_:_"
  static let or = "_||_"
  static let and = "_&&_"
  static let not = "!_"
  static let negate = "-_"
  static let index = "_[_]"
  static let optionalIndex = "_[?_]"
  static let optionalSelect = "_?._"
  static let isIn = "@in"
  static let notStrictlyFalse = "@not_strictly_false"
  static let mapInsert = "cel.@mapInsert"
}
