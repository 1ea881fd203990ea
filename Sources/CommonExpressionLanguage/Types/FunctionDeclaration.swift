/// A function: its name and the types that it takes.
struct FunctionDeclaration: Sendable {
  /// One signature of a function.
  struct Overload: Sendable {
    /// Tells what the call costs, such as `startsWith`.
    var id: String
    var isMember: Bool
    /// With the target's type first, if there is one.
    var parameters: [ValueType]
    var result: ValueType
  }

  var name: String
  var overloads: [Overload]

  /// A function without a target, or an operator.
  static func global(_ name: String, _ signatures: (String, [ValueType], ValueType)...) -> FunctionDeclaration {
    FunctionDeclaration(
      name: name,
      overloads: signatures.map { Overload(id: $0.0, isMember: false, parameters: $0.1, result: $0.2) })
  }

  /// A method, the target's type first.
  static func member(_ name: String, _ signatures: (String, [ValueType], ValueType)...) -> FunctionDeclaration {
    FunctionDeclaration(
      name: name,
      overloads: signatures.map { Overload(id: $0.0, isMember: true, parameters: $0.1, result: $0.2) })
  }
}

/// The functions that expressions may call, by their names.
struct FunctionLibrary: Sendable {
  private let functions: [String: FunctionDeclaration]

  init(_ declarations: [FunctionDeclaration]) {
    var functions: [String: FunctionDeclaration] = [:]
    for declaration in declarations {
      functions[declaration.name, default: FunctionDeclaration(name: declaration.name, overloads: [])].overloads +=
        declaration.overloads
    }
    self.functions = functions
  }

  subscript(name: String) -> FunctionDeclaration? { self.functions[name] }

  func contains(_ name: String) -> Bool { self.functions[name] != nil }

  /// What a kube-apiserver offers, but for URLs, addresses, named formats, versions and authorization.
  static let kubernetes = FunctionLibrary(
    FunctionDeclaration.operators + FunctionDeclaration.standard + FunctionDeclaration.time
      + FunctionDeclaration.strings
      + FunctionDeclaration.lists + FunctionDeclaration.extensions)
}
