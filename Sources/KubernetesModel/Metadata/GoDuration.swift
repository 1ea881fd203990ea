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
    var nanoseconds = 0.0
    while !rest.isEmpty {
      let digits = rest.prefix { ("0"..."9").contains($0) || $0 == "." }
      guard !digits.isEmpty, digits != ".", digits.count <= 32, let value = Double(digits) else { return nil }
      rest = rest.dropFirst(digits.count)
      let unit = rest.prefix { !("0"..."9").contains($0) && $0 != "." }
      rest = rest.dropFirst(unit.count)
      let scale: Double
      switch unit {
      case "ns": scale = 1
      case "us", "µs", "μs": scale = 1e3
      case "ms": scale = 1e6
      case "s": scale = 1e9
      case "m": scale = 60e9
      case "h": scale = 3_600e9
      default: return nil
      }
      nanoseconds += value * scale
    }
    guard nanoseconds < 9.2e18 else { return nil }
    let whole = Int64(nanoseconds.rounded())
    self.duration = .nanoseconds(negative ? -whole : whole)
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
