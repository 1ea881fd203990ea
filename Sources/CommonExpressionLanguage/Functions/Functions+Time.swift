private import KubernetesModel

extension Functions {
  /// The parts of times and spans; nil for another name or another target.
  static func time(_ name: String, _ values: [Value]) throws(EvaluationError) -> Value? {
    switch values.first {
    case .duration(let duration)? where values.count == 1:
      let nanoseconds = duration.nanoseconds
      switch name {
      case "getHours": return .int(nanoseconds / 3_600_000_000_000)
      case "getMinutes": return .int(nanoseconds / 60_000_000_000)
      case "getSeconds": return .int(nanoseconds / 1_000_000_000)
      case "getMilliseconds": return .int(nanoseconds / 1_000_000)
      default: return nil
      }
    case .timestamp(let timestamp)?:
      let offset = values.count > 1 ? try Self.offset(values[1]) : 0
      return Self.part(name, of: timestamp, offset: offset).map(Value.int)
    default: return nil
    }
  }

  /// Seconds that a zone is ahead of UTC: `UTC`, or hours and minutes such as `-08:00`.
  private static func offset(_ zone: Value) throws(EvaluationError) -> Int64 {
    guard case .string(let text) = zone else { throw .noSuchOverload }
    if text == "UTC" || text == "" || text == "Z" { return 0 }
    let sign: Int64 = text.hasPrefix("-") ? -1 : 1
    let parts = text.drop { $0 == "-" || $0 == "+" }.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2, let hours = Int64(parts[0]), let minutes = Int64(parts[1]), (0...23).contains(hours),
      (0...59).contains(minutes)
    else { throw EvaluationError("unknown time zone \(text)") }
    return sign * (hours * 3_600 + minutes * 60)
  }

  private static func part(_ name: String, of timestamp: TimestampValue, offset: Int64) -> Int64? {
    let seconds = timestamp.seconds + offset
    let secondOfDay = (seconds % 86_400 + 86_400) % 86_400
    let days = (seconds - secondOfDay) / 86_400
    let date = Timestamp.civilDate(daysSinceEpoch: days)
    switch name {
    case "getFullYear": return date.year
    case "getMonth": return date.month - 1
    case "getDate": return date.day
    case "getDayOfMonth": return date.day - 1
    // The first of January 1970 was a Thursday.
    case "getDayOfWeek": return ((days + 4) % 7 + 7) % 7
    case "getDayOfYear": return days - Timestamp.daysSinceEpoch(year: date.year, month: 1, day: 1)
    case "getHours": return secondOfDay / 3_600
    case "getMinutes": return secondOfDay / 60 % 60
    case "getSeconds": return secondOfDay % 60
    case "getMilliseconds": return timestamp.nanoseconds / 1_000_000
    default: return nil
    }
  }
}
