/// RFC 3339 on the proleptic Gregorian calendar, by the days-from-civil method, without a formatter's cost.
extension Timestamp {
  /// Parses RFC 3339: `2026-01-02T03:04:05[.digits](Z|+hh:mm|-hh:mm)`.
  ///
  /// Nil if the text is anything else.
  public init?(_ text: String) {
    var text = text
    guard let timestamp = text.withUTF8({ Timestamp(utf8: $0) }) else { return nil }
    self = timestamp
  }

  /// Parses RFC 3339 that lies in memory.
  init?(utf8 bytes: UnsafeBufferPointer<UInt8>) {
    guard bytes.count >= 20, bytes.count <= 64 else { return nil }
    func number(_ range: Range<Int>) -> Int64? {
      var value: Int64 = 0
      for index in range {
        guard index < bytes.count, (48...57).contains(bytes[index]) else { return nil }
        value = value * 10 + Int64(bytes[index] - 48)
      }
      return value
    }
    guard let year = number(0..<4), bytes[4] == 0x2D, let month = number(5..<7), bytes[7] == 0x2D,
      let day = number(8..<10), bytes[10] | 0x20 == 0x74, let hour = number(11..<13), bytes[13] == 0x3A,
      let minute = number(14..<16), bytes[16] == 0x3A, let second = number(17..<19),
      (1...12).contains(month), day >= 1, day <= Self.daysInMonth(month, year: year), hour < 24, minute < 60,
      second < 60
    else { return nil }
    var index = 19
    var microseconds: Int64 = 0
    if bytes[index] == 0x2E {
      var scale: Int64 = 100_000
      index += 1
      let first = index
      while index < bytes.count, (48...57).contains(bytes[index]) {
        microseconds += Int64(bytes[index] - 48) * scale
        scale /= 10
        index += 1
      }
      guard index > first else { return nil }
    }
    guard index < bytes.count else { return nil }
    var offset: Int64 = 0
    if bytes[index] | 0x20 == 0x7A {
      guard index + 1 == bytes.count else { return nil }
    } else {
      guard bytes[index] == 0x2B || bytes[index] == 0x2D, index + 6 == bytes.count,
        let offsetHours = number(index + 1..<index + 3), bytes[index + 3] == 0x3A,
        let offsetMinutes = number(index + 4..<index + 6), offsetHours < 24, offsetMinutes < 60
      else { return nil }
      offset = (offsetHours * 60 + offsetMinutes) * (bytes[index] == 0x2B ? 60 : -60)
    }
    let days = Self.daysSinceEpoch(year: year, month: month, day: day)
    let seconds = days * 86_400 + hour * 3_600 + minute * 60 + second - offset
    self.init(microsecondsSinceEpoch: seconds * 1_000_000 + microseconds)
  }

  /// RFC 3339 in UTC, with six digits of fraction or none.
  public func formatted(fraction: Bool) -> String {
    let seconds = self.secondsSinceEpoch
    // The product may lie before the first time there is; the difference never does.
    let microseconds = self.microsecondsSinceEpoch &- seconds &* 1_000_000
    var days = seconds / 86_400
    var rest = seconds % 86_400
    if rest < 0 {
      rest += 86_400
      days -= 1
    }
    let (year, month, day) = Self.civilDate(daysSinceEpoch: days)
    func padded(_ value: Int64, _ width: Int) -> String {
      let digits = String(value)
      return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
    let date = "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))"
    let time = "\(padded(rest / 3_600, 2)):\(padded(rest / 60 % 60, 2)):\(padded(rest % 60, 2))"
    return fraction ? "\(date)T\(time).\(padded(microseconds, 6))Z" : "\(date)T\(time)Z"
  }

  private static func daysInMonth(_ month: Int64, year: Int64) -> Int64 {
    switch month {
    case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }

  /// The days from 1970-01-01 to a day of the Gregorian calendar.
  package static func daysSinceEpoch(year: Int64, month: Int64, day: Int64) -> Int64 {
    let shifted = month <= 2 ? year - 1 : year
    let era = (shifted >= 0 ? shifted : shifted - 399) / 400
    let yearOfEra = shifted - era * 400
    let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    return era * 146_097 + dayOfEra - 719_468
  }

  /// The day of the Gregorian calendar that lies so many days after 1970-01-01; months and days count from 1.
  package static func civilDate(daysSinceEpoch days: Int64) -> (year: Int64, month: Int64, day: Int64) {
    let shifted = days + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
    let month = shiftedMonth + (shiftedMonth < 10 ? 3 : -9)
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
  }
}
