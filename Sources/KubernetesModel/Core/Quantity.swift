/// An amount of a resource, such as `250m`, `1.5` or `2Gi` (`resource.Quantity`), to the billionth.
package struct Quantity: Sendable, Hashable, Comparable {
  private enum Form: Sendable, Hashable { case decimal, binary, exponent }

  /// The pattern of a quantity, as errors quote it.
  package static let pattern = "^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$"
  /// The format by which the schemas of built-in kinds name quantities; definitions know none.
  package static let format = "kubernetes.io/quantity"
  /// Nothing.
  package static let zero = Quantity(billionths: 0, form: .decimal)

  private static let decimalSuffixes = [
    "n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18,
  ]
  private static let binarySuffixes = ["Ki", "Mi", "Gi", "Ti", "Pi", "Ei"]
  /// How many billionths make one.
  package static let billion: Int128 = 1_000_000_000
  /// The largest amount: all that 63 bits hold.
  private static let limit = Int128(Int64.max) * Self.billion

  /// The amount in billionths, from -(2^63 - 1) to 2^63 - 1 billions.
  package let billionths: Int128
  private let form: Form

  private init(billionths: Int128, form: Form) {
    self.billionths = billionths
    self.form = form
  }

  /// Compares the amounts.
  package static func < (left: Quantity, right: Quantity) -> Bool { left.billionths < right.billionths }
  /// Whether the amounts are equal, however they are written.
  package static func == (left: Quantity, right: Quantity) -> Bool { left.billionths == right.billionths }
  /// Hashes the amount.
  package func hash(into hasher: inout Hasher) { hasher.combine(self.billionths) }

  /// An amount in billionths; nil if it is beyond the limits.
  package init?(billionths: Int128) {
    guard billionths.magnitude <= Self.limit.magnitude else { return nil }
    self.init(billionths: billionths, form: .decimal)
  }

  /// Reads a quantity; nil if it is none.
  ///
  /// Amounts beyond the limits are brought within them.
  package init?(_ text: some StringProtocol) {
    var rest = Substring(text)
    guard rest.utf8.count <= 64 else { return nil }
    let isNegative = rest.first == "-"
    if let sign = rest.first, sign == "-" || sign == "+" { rest.removeFirst() }
    let number = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
    let parts = number.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count <= 2, parts.contains(where: { !$0.isEmpty }) else { return nil }
    guard let scale = Self.scale(String(rest[number.endIndex...])) else { return nil }
    let digits = (parts.joined() as String).drop { $0 == "0" }
    let fraction = parts.count == 2 ? parts[1].utf8.count : 0
    var amount = Self.amount(digits, exponent: scale.exponent - fraction + 9, scale.factor)
    amount = min(amount, Self.limit)
    self.init(billionths: isNegative ? -amount : amount, form: scale.form)
  }

  /// The power of ten, the further factor and the form that a suffix stands for; nil if there is no such suffix.
  private static func scale(_ suffix: String) -> (exponent: Int, factor: Int128, form: Form)? {
    if let exponent = self.decimalSuffixes[suffix] { return (exponent, 1, .decimal) }
    if let index = self.binarySuffixes.firstIndex(of: suffix) { return (0, Int128(1) << (10 * (index + 1)), .binary) }
    guard let first = suffix.first, first == "e" || first == "E", let exponent = Int(suffix.dropFirst()),
      (-100...100).contains(exponent)
    else { return nil }
    return (exponent, 1, .exponent)
  }

  /// Digits times a power of ten and a factor, rounded up; no more than the limit and something.
  private static func amount(_ digits: some StringProtocol, exponent: Int, _ factor: Int128) -> Int128 {
    var amount: Int128 = 0
    for digit in digits {
      amount = amount * 10 + Int128(digit.wholeNumberValue ?? 0)
      if amount > Int128.max / 100 { break }
    }
    if amount == 0 { return 0 }
    let (product, overflows) = amount.multipliedReportingOverflow(by: factor)
    guard !overflows else { return self.limit }
    amount = product
    var exponent = exponent
    while exponent > 0 {
      guard amount <= self.limit else { return self.limit }
      amount *= 10
      exponent -= 1
    }
    var hasRest = false
    while exponent < 0 {
      if amount % 10 != 0 { hasRest = true }
      amount /= 10
      exponent += 1
    }
    return hasRest ? amount + 1 : amount
  }

  /// Whether the amount is less than nothing.
  package var isNegative: Bool { self.billionths < 0 }
  /// Whether the amount is a whole number.
  package var isWhole: Bool { self.billionths % Self.billion == 0 }

  /// The canonical form.
  package var description: String {
    let magnitude = self.billionths.magnitude
    if self.form == .binary, magnitude >= UInt128(1024 * Self.billion) {
      var units = (magnitude + UInt128(Self.billion) - 1) / UInt128(Self.billion)
      var index = -1
      while units % 1024 == 0, index < Self.binarySuffixes.count - 1 {
        units /= 1024
        index += 1
      }
      return "\(self.sign)\(units)\(index < 0 ? "" : Self.binarySuffixes[index])"
    }
    guard magnitude != 0 else { return "0" }
    var mantissa = magnitude
    var exponent = -9
    while mantissa % 10 == 0 {
      mantissa /= 10
      exponent += 1
    }
    while exponent % 3 != 0 || exponent > 18 {
      mantissa *= 10
      exponent -= 1
    }
    if self.form == .exponent { return "\(self.sign)\(mantissa)\(exponent == 0 ? "" : "e\(exponent)")" }
    let suffix = Self.decimalSuffixes.first { $0.value == exponent }?.key ?? ""
    return "\(self.sign)\(mantissa)\(suffix)"
  }

  private var sign: String { self.isNegative ? "-" : "" }
}

extension Quantity: CustomStringConvertible {}
