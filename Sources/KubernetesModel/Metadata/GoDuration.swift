/// A duration written as Go prints it and Kubernetes' `metav1.Duration` reads it: `500ms`, `5m`, `1h30m`, `1.5s`.
public struct GoDuration: Sendable, Hashable, Comparable, Codable, CustomStringConvertible {
  /// The duration, in whole nanoseconds.
  public var duration: Duration

  /// Wraps a duration.
  public init(_ duration: Duration) { self.duration = duration }

  /// Parses a signed sequence of decimal numbers with units `ns`, `us`, `µs`, `ms`, `s`, `m`, `h`; nil otherwise, and
  /// nil for more than 292 years.
  public init?(_ text: String) {
    var rest = Substring(text)
    let negative = rest.first == "-"
    if let sign = rest.first, sign == "-" || sign == "+" { rest.removeFirst() }
    if rest == "0" {
      self.duration = .zero
      return
    }
    guard !rest.isEmpty else { return nil }
    var nanoseconds: UInt64 = 0
    while !rest.isEmpty {
      let whole = rest.prefix { ("0"..."9").contains($0) }
      rest = rest.dropFirst(whole.count)
      var fraction = Substring()
      if rest.first == "." {
        fraction = rest.dropFirst().prefix { ("0"..."9").contains($0) }
        rest = rest.dropFirst(1 + fraction.count)
      }
      guard !(whole.isEmpty && fraction.isEmpty), whole.count + fraction.count <= 32 else { return nil }
      let unit = rest.prefix { !("0"..."9").contains($0) && $0 != "." }
      rest = rest.dropFirst(unit.count)
      guard let scale = Self.units[String(unit)], let count = UInt64(whole.isEmpty ? "0" : whole) else { return nil }
      let (product, isOver) = count.multipliedReportingOverflow(by: scale)
      let (sum, isTooMuch) = product.addingReportingOverflow(Self.nanoseconds(fraction, of: scale))
      let (total, isTooLong) = nanoseconds.addingReportingOverflow(sum)
      guard !isOver, !isTooMuch, !isTooLong, total <= UInt64(Int64.max) else { return nil }
      nanoseconds = total
    }
    self.duration = .nanoseconds(negative ? -Int64(nanoseconds) : Int64(nanoseconds))
  }

  private static let units: [String: UInt64] = [
    "ns": 1, "us": 1_000, "µs": 1_000, "μs": 1_000, "ms": 1_000_000, "s": 1_000_000_000, "m": 60_000_000_000,
    "h": 3_600_000_000_000,
  ]

  /// The nanoseconds of the digits behind a point; what is less than one is left out.
  private static func nanoseconds(_ digits: Substring, of scale: UInt64) -> UInt64 {
    // With 18 digits the product's first part is exact, and no unit has as many nanoseconds.
    guard let numerator = UInt64(digits.prefix(18)) else { return 0 }
    let power = (0..<min(digits.count, 18)).reduce(UInt64(1)) { power, _ in power * 10 }
    return power.dividingFullWidth(numerator.multipliedFullWidth(by: scale)).quotient
  }

  /// As Go prints it: `1h30m0s`, `5s`, `500ms`.
  public var description: String {
    let (seconds, attoseconds) = self.duration.components
    let total = seconds * 1_000_000_000 + attoseconds / 1_000_000_000
    guard total != 0 else { return "0s" }
    let sign = total < 0 ? "-" : ""
    let nanoseconds = total.magnitude
    if nanoseconds < 1_000 { return "\(sign)\(nanoseconds)ns" }
    if nanoseconds < 1_000_000 { return "\(sign)\(Self.decimal(nanoseconds, 1_000))µs" }
    if nanoseconds < 1_000_000_000 { return "\(sign)\(Self.decimal(nanoseconds, 1_000_000))ms" }
    let hours = nanoseconds / 3_600_000_000_000
    let minutes = nanoseconds / 60_000_000_000 % 60
    let rest = Self.decimal(nanoseconds % 60_000_000_000, 1_000_000_000) + "s"
    if hours > 0 { return "\(sign)\(hours)h\(minutes)m\(rest)" }
    return minutes > 0 ? "\(sign)\(minutes)m\(rest)" : "\(sign)\(rest)"
  }

  private static func decimal(_ value: UInt64, _ unit: UInt64) -> String {
    let fraction = value % unit
    guard fraction > 0 else { return String(value / unit) }
    var digits = String(unit + fraction).dropFirst()
    while digits.last == "0" { digits.removeLast() }
    return "\(value / unit).\(digits)"
  }

  /// Whether one duration is shorter than the other.
  public static func < (left: GoDuration, right: GoDuration) -> Bool { left.duration < right.duration }

  /// Decodes the string form.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    guard let value = GoDuration(text) else {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "'\(text)' is not a duration such as 500ms, 5m or 1h30m")
    }
    self = value
  }

  /// Encodes ``description``.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(self.description)
  }
}
