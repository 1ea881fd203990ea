/// The least and the most that something may be; what does not fit 64 bits is the largest number.
struct Estimate: Sendable, Hashable {
  var minimum: UInt64
  var maximum: UInt64

  static let unknown = Estimate(0, .max)
  static let zero = Estimate(0)
  static let one = Estimate(1)

  init(_ minimum: UInt64, _ maximum: UInt64) {
    self.minimum = minimum
    self.maximum = maximum
  }

  init(_ exact: UInt64) { self.init(exact, exact) }

  static func + (left: Estimate, right: Estimate) -> Estimate {
    Estimate(left.minimum.saturatingAdd(right.minimum), left.maximum.saturatingAdd(right.maximum))
  }

  static func * (left: Estimate, right: Estimate) -> Estimate {
    Estimate(left.minimum.saturatingMultiply(right.minimum), left.maximum.saturatingMultiply(right.maximum))
  }

  static func * (left: Estimate, factor: Double) -> Estimate {
    Estimate(left.minimum.scaled(by: factor), left.maximum.scaled(by: factor))
  }

  func union(_ other: Estimate) -> Estimate {
    Estimate(min(self.minimum, other.minimum), max(self.maximum, other.maximum))
  }
}

extension UInt64 {
  package func saturatingAdd(_ other: UInt64) -> UInt64 {
    let (sum, isOver) = self.addingReportingOverflow(other)
    return isOver ? .max : sum
  }

  /// The product, or the largest number there is.
  package func saturatingMultiply(_ other: UInt64) -> UInt64 {
    let (product, isOver) = self.multipliedReportingOverflow(by: other)
    return isOver ? .max : product
  }

  /// The product, rounded up, or the largest number there is.
  func scaled(by factor: Double) -> UInt64 {
    let product = (Double(self) * factor).rounded(.up)
    return product >= 0x1p64 ? .max : UInt64(product)
  }
}
