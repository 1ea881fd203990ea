import FoundationEssentials

/// A point in time as Kubernetes writes it: RFC 3339 in UTC, whole seconds (`metav1.Time`).
///
/// ``MicroTimestamp`` keeps microseconds for the kinds that want them.
public struct Timestamp: Sendable, Hashable, Comparable, Codable, CustomStringConvertible {
  /// Microseconds since 1970-01-01T00:00:00Z.
  public var microsecondsSinceEpoch: Int64

  /// Creates a timestamp from microseconds since 1970.
  public init(microsecondsSinceEpoch: Int64) {
    self.microsecondsSinceEpoch = microsecondsSinceEpoch
  }

  /// Creates a timestamp from whole seconds since 1970.
  public init(secondsSinceEpoch: Int64) {
    self.microsecondsSinceEpoch = secondsSinceEpoch * 1_000_000
  }

  /// The present time of the system's clock.
  public static var now: Timestamp {
    Timestamp(microsecondsSinceEpoch: Int64(Date().timeIntervalSince1970 * 1_000_000))
  }

  /// Whole seconds since 1970, rounded down.
  public var secondsSinceEpoch: Int64 { self.microsecondsSinceEpoch.floorDivided(by: 1_000_000).quotient }

  /// The time from `earlier` to this one.
  public func duration(since earlier: Timestamp) -> Duration {
    .microseconds(self.microsecondsSinceEpoch) - .microseconds(earlier.microsecondsSinceEpoch)
  }

  /// This time moved by `duration`, which is cut to microseconds; the last or first time there is if that is too far.
  public func advanced(by duration: Duration) -> Timestamp {
    let (seconds, attoseconds) = duration.components
    let (whole, isTooLong) = seconds.multipliedReportingOverflow(by: 1_000_000)
    let (moved, isTooFar) = self.microsecondsSinceEpoch.addingReportingOverflow(whole)
    let (exact, isOver) = moved.addingReportingOverflow(attoseconds / 1_000_000_000_000)
    guard isTooLong || isTooFar || isOver else { return Timestamp(microsecondsSinceEpoch: exact) }
    return Timestamp(microsecondsSinceEpoch: seconds < 0 ? .min : .max)
  }

  /// Whether one time is before the other.
  public static func < (left: Timestamp, right: Timestamp) -> Bool {
    left.microsecondsSinceEpoch < right.microsecondsSinceEpoch
  }

  /// `2026-01-02T03:04:05Z`.
  public var description: String { self.formatted(fraction: false) }

  /// Decodes RFC 3339 with any offset and any fraction.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    guard let value = Timestamp(text) else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "'\(text)' is not an RFC 3339 time")
    }
    self = value
  }

  /// Encodes as ``description``.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(self.description)
  }
}

/// A point in time with microseconds (`metav1.MicroTime`), as Leases and Events carry it.
public struct MicroTimestamp: Sendable, Hashable, Codable {
  /// The time itself.
  public var timestamp: Timestamp

  /// Wraps a time.
  public init(_ timestamp: Timestamp) { self.timestamp = timestamp }

  /// Decodes RFC 3339.
  public init(from decoder: any Decoder) throws { self.timestamp = try Timestamp(from: decoder) }

  /// Encodes with six digits of fraction.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(self.timestamp.formatted(fraction: true))
  }
}

extension Int64 {
  fileprivate func floorDivided(by divisor: Int64) -> (quotient: Int64, remainder: Int64) {
    let (quotient, remainder) = self.quotientAndRemainder(dividingBy: divisor)
    return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
  }
}
