/// One condition on an object's labels.
public struct LabelRequirement: Sendable, Hashable, CustomStringConvertible {
  /// The label's key.
  public var key: String
  /// What is asked of its value.
  public var condition: Condition

  /// Creates a requirement.
  public init(_ key: String, _ condition: Condition) {
    self.key = key
    self.condition = condition
  }

  /// What may be asked of a label.
  public enum Condition: Sendable, Hashable {
    /// There, with one of these values.
    case isIn(Set<String>)
    /// Not there, or with none of these values.
    case notIn(Set<String>)
    /// There, with any value.
    case exists
    /// Not there.
    case doesNotExist
    /// There, and an integer above this one.
    case greaterThan(Int64)
    /// There, and an integer below this one.
    case lessThan(Int64)
  }

  /// Whether labels fulfil the requirement.
  public func matches(_ labels: [String: String]) -> Bool {
    let value = labels[self.key]
    return switch self.condition {
    case .isIn(let values): value.map(values.contains) ?? false
    case .notIn(let values): value.map { !values.contains($0) } ?? true
    case .exists: value != nil
    case .doesNotExist: value == nil
    case .greaterThan(let bound): value.flatMap { Int64($0) }.map { $0 > bound } ?? false
    case .lessThan(let bound): value.flatMap { Int64($0) }.map { $0 < bound } ?? false
    }
  }

  /// The string syntax: `a=b`, `a in (b,c)`, `!a`.
  public var description: String {
    switch self.condition {
    case .isIn(let values) where values.count == 1: "\(self.key)=\(values.first!)"
    case .isIn(let values): "\(self.key) in (\(values.sorted().joined(separator: ",")))"
    case .notIn(let values) where values.count == 1: "\(self.key)!=\(values.first!)"
    case .notIn(let values): "\(self.key) notin (\(values.sorted().joined(separator: ",")))"
    case .exists: self.key
    case .doesNotExist: "!\(self.key)"
    case .greaterThan(let bound): "\(self.key)>\(bound)"
    case .lessThan(let bound): "\(self.key)<\(bound)"
    }
  }
}

/// Why a selector cannot be read.
public struct SelectorError: Error, Sendable, Hashable, CustomStringConvertible {
  /// One sentence for a person, as kube-apiserver words it.
  public var message: String

  /// Creates an error.
  public init(_ message: String) { self.message = message }

  /// The message.
  public var description: String { self.message }
}
