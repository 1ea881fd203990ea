import KubernetesModel

/// What expressions do with quantities.
extension Quantity {
  /// Why a text is no quantity, as Kubernetes says it.
  static let fault = EvaluationError("quantities must match the regular expression '\(Self.pattern)'")

  func compared(to other: Quantity) -> Order { Order(self.billionths, other.billionths) }

  /// -1, 0 or 1.
  var sign: Int64 { Int64(self.billionths.signum()) }

  /// The whole number, if it is one.
  var integer: Int64? { self.isWhole ? Int64(exactly: self.billionths / Self.billion) : nil }

  var double: Double { Double(self.billionths) / Double(Self.billion) }

  /// The sum with another quantity, or the difference.
  ///
  /// - Throws: ``EvaluationError`` if it is too large.
  func adding(_ other: Quantity, isNegative: Bool = false) throws(EvaluationError) -> Quantity {
    guard let sum = Quantity(billionths: self.billionths + (isNegative ? -other.billionths : other.billionths)) else {
      throw .integerOverflow
    }
    return sum
  }
}
