/// Why an expression has no value.
package struct EvaluationError: Error, Sendable, Hashable, CustomStringConvertible {
  /// What went wrong, in the words of cel-go.
  package let message: String
  /// Whether the evaluation was broken off, so that no other operand can make up for it.
  package let isCancelled: Bool

  init(_ message: String, isCancelled: Bool = false) {
    self.message = message
    self.isCancelled = isCancelled
  }

  /// What went wrong.
  package var description: String { self.message }

  static let noSuchOverload = EvaluationError("no such overload")
  static let integerOverflow = EvaluationError("integer overflow")
  static let unsignedOverflow = EvaluationError("unsigned integer overflow")
  static let durationOverflow = EvaluationError("duration overflow")
  static let timestampOverflow = EvaluationError("timestamp overflow")
  static let costExceeded = EvaluationError("operation cancelled: actual cost limit exceeded", isCancelled: true)

  static func noSuchKey(_ key: Value) -> EvaluationError { EvaluationError("no such key: \(key.text)") }
  static func indexOutOfBounds(_ index: Value) -> EvaluationError {
    EvaluationError("index out of bounds: \(index.text)")
  }
}
