/// A Kubernetes quantity: a decimal number with a suffix, such as `500m`, `1.5Gi` or `1e3`.
///
/// Kept exactly, in billionths.
package struct Quantity: Sendable {
  private static let scale: Double = 1e9
  private static let suffixes: [String: (base: Int128, power: Int)] = [
    "n": (10, -9), "u": (10, -6), "m": (10, -3), "": (10, 0), "k": (10, 3), "M": (10, 6), "G": (10, 9), "T": (10, 12),
    "P": (10, 15), "E": (10, 18), "Ki": (2, 10), "Mi": (2, 20), "Gi": (2, 30), "Ti": (2, 40), "Pi": (2, 50),
    "Ei": (2, 60),
  ]

  /// Why a text is no quantity, as Kubernetes says it.
  static let fault = EvaluationError(
    "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'")

  private var billionths: Int128
  /// As it was written, or as a number of its own.
  var text: String

  private init(billionths: Int128, text: String) {
    self.billionths = billionths
    self.text = text
  }

  /// Reads a quantity; nil for anything else, and for one of more than 10^27.
  init?(_ text: String) {
    guard text.utf8.count <= 64 else { return nil }
    var rest = Substring(text)
    let isNegative = rest.hasPrefix("-")
    if isNegative || rest.hasPrefix("+") { rest = rest.dropFirst() }
    let whole = rest.prefix { ("0"..."9").contains($0) }
    rest = rest.dropFirst(whole.count)
    var fraction = Substring()
    if rest.first == "." {
      fraction = rest.dropFirst().prefix { ("0"..."9").contains($0) }
      rest = rest.dropFirst(1 + fraction.count)
    }
    guard !(whole.isEmpty && fraction.isEmpty), whole.count <= 27, fraction.count <= 27 else { return nil }
    var power = 0
    var base: Int128 = 10
    if let suffix = Self.suffixes[String(rest)] {
      (base, power) = suffix
    } else if rest.first == "e" || rest.first == "E", let exponent = Int(rest.dropFirst()),
      (-27...27).contains(exponent)
    {
      power = exponent
    } else {
      return nil
    }
    guard let digits = Int128(whole + fraction) else { return nil }
    var value = digits
    var down = fraction.count - 9
    if base == 10 { down -= power } else if !Self.multiply(&value, by: 2, times: power) { return nil }
    if down < 0 {
      guard Self.multiply(&value, by: 10, times: -down) else { return nil }
    } else {
      // A quantity is rounded up to billionths.
      for step in 0..<down { value = value / 10 + (step == down - 1 && !value.isMultiple(of: 10) ? 1 : 0) }
    }
    self.billionths = isNegative ? -value : value
    self.text = text
  }

  private static func multiply(_ value: inout Int128, by factor: Int128, times: Int) -> Bool {
    for _ in 0..<max(0, times) {
      let (product, isOver) = value.multipliedReportingOverflow(by: factor)
      guard !isOver else { return false }
      value = product
    }
    return true
  }

  func compared(to other: Quantity) -> Order { Order(self.billionths, other.billionths) }

  /// -1, 0 or 1.
  var sign: Int64 { Int64(self.billionths.signum()) }

  /// The whole number, if it is one of 64 bits.
  var integer: Int64? {
    self.billionths.isMultiple(of: 1_000_000_000) ? Int64(exactly: self.billionths / 1_000_000_000) : nil
  }

  var double: Double { Double(self.billionths) / Self.scale }

  /// The sum with another quantity.
  ///
  /// - Throws: ``EvaluationError`` if it is too large.
  func adding(_ other: Quantity, isNegative: Bool = false) throws(EvaluationError) -> Quantity {
    let (sum, isOver) =
      isNegative
      ? self.billionths.subtractingReportingOverflow(other.billionths)
      : self.billionths.addingReportingOverflow(other.billionths)
    guard !isOver else { throw .integerOverflow }
    let whole = sum / 1_000_000_000
    let text = sum.isMultiple(of: 1_000_000_000) ? "\(whole)" : "\(sum)n"
    return Quantity(billionths: sum, text: text)
  }
}
