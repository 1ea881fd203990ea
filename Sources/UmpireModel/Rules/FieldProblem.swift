public import KubernetesModel

/// Something that is wrong with an object, or unwise.
public struct FieldProblem: Sendable, Hashable, CustomStringConvertible {
  /// Which field, what kind of problem, and what to say of it.
  public var fault: FieldFault
  /// Whether the object is refused for it.
  public var severity: Severity

  /// Creates a problem.
  public init(_ fault: FieldFault, _ severity: Severity) {
    self.fault = fault
    self.severity = severity
  }

  /// The field's path and the message.
  public var description: String { self.fault.description }

  /// Whether an object is refused.
  public enum Severity: String, Sendable, Hashable, Codable {
    /// It cannot do what it is for.
    case error
    /// It can be used, but hardly as it is meant.
    case warning
  }
}

extension [FieldProblem] {
  /// The faults for which an object is refused.
  public var errors: [FieldFault] { self.filter { $0.severity == .error }.map(\.fault) }

  /// The faults that a person is only told of.
  public var warnings: [FieldFault] { self.filter { $0.severity == .warning }.map(\.fault) }

  /// The problems that a change brings.
  ///
  /// What an object was stored with is no reason to refuse another change of it, such as the removal of a finalizer.
  func brought(to old: [FieldProblem]) -> [FieldProblem] {
    let known = Set(old)
    return self.filter { !known.contains($0) }
  }
}
