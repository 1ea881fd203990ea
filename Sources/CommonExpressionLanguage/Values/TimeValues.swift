private import KubernetesModel

/// A span of time in nanoseconds, at most 292 years.
package struct DurationValue: Sendable, Hashable {
  var nanoseconds: Int64

  init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

  /// Reads a duration such as `1h30m`; nil for anything else.
  init?(_ text: String) {
    guard let duration = GoDuration(text) else { return nil }
    let (seconds, attoseconds) = duration.duration.components
    let (whole, isOver) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    let (total, isTooMuch) = whole.addingReportingOverflow(attoseconds / 1_000_000_000)
    guard !isOver, !isTooMuch else { return nil }
    self.nanoseconds = total
  }

  /// Seconds with a fraction, as `string()` gives a duration: `5400s`.
  var text: String {
    let (seconds, rest) = self.nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
    guard rest != 0 else { return "\(seconds)s" }
    var digits = String(1_000_000_000 + rest.magnitude).dropFirst()
    while digits.last == "0" { digits.removeLast() }
    return "\(self.nanoseconds < 0 && seconds == 0 ? "-" : "")\(seconds).\(digits)s"
  }
}

/// A point in time from the year 1 to the year 9999, in nanoseconds.
package struct TimestampValue: Sendable, Hashable {
  /// The first and the last second that there is.
  private static let range: ClosedRange<Int64> = -62_135_596_800...253_402_300_799

  /// Seconds since 1970.
  var seconds: Int64
  /// 0–999,999,999.
  var nanoseconds: Int64

  /// A time; nil if it lies outside of what there is.
  init?(seconds: Int64, nanoseconds: Int64 = 0) {
    guard Self.range.contains(seconds) else { return nil }
    self.seconds = seconds
    self.nanoseconds = nanoseconds
  }

  /// Reads RFC 3339; nil for anything else.
  init?(_ text: String) {
    guard let timestamp = Timestamp(text) else { return nil }
    var nanoseconds: Int64 = 0
    if let dot = text.firstIndex(of: ".") {
      let digits = text[text.index(after: dot)...].prefix { ("0"..."9").contains($0) }.prefix(9)
      nanoseconds = Int64(digits + String(repeating: "0", count: 9 - digits.count)) ?? 0
    }
    self.init(seconds: timestamp.secondsSinceEpoch, nanoseconds: nanoseconds)
  }

  /// The time moved by a span; nil if that is outside of what there is.
  func advanced(by duration: DurationValue) -> TimestampValue? {
    var (seconds, nanoseconds) = duration.nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
    nanoseconds += self.nanoseconds
    if nanoseconds < 0 {
      nanoseconds += 1_000_000_000
      seconds -= 1
    } else if nanoseconds >= 1_000_000_000 {
      nanoseconds -= 1_000_000_000
      seconds += 1
    }
    return TimestampValue(seconds: self.seconds + seconds, nanoseconds: nanoseconds)
  }

  /// The span from another time to this one; nil if it is too long.
  func duration(since other: TimestampValue) -> DurationValue? {
    let (whole, isOver) = (self.seconds - other.seconds).multipliedReportingOverflow(by: 1_000_000_000)
    let (total, isTooMuch) = whole.addingReportingOverflow(self.nanoseconds - other.nanoseconds)
    return isOver || isTooMuch ? nil : DurationValue(nanoseconds: total)
  }

  /// RFC 3339 in UTC with as many digits of the fraction as there are.
  var text: String {
    let text = Timestamp(secondsSinceEpoch: self.seconds).description
    guard self.nanoseconds != 0 else { return text }
    var digits = String(1_000_000_000 + self.nanoseconds).dropFirst()
    while digits.last == "0" { digits.removeLast() }
    return "\(text.dropLast()).\(digits)Z"
  }
}
