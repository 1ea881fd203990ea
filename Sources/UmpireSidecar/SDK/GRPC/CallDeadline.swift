/// How long a client waits for the answer to its call.
///
/// The library reads it too, but not when it has eight digits, which clients send.
enum CallDeadline {
  /// Reads the field `grpc-timeout`: one to eight digits and a unit; nil for anything else.
  static func duration(_ text: String) -> Duration? {
    let digits = text.utf8.dropLast()
    guard (1...8).contains(digits.count), digits.allSatisfy({ (0x30...0x39).contains($0) }),
      let amount = Int64(String(decoding: digits, as: UTF8.self)), let unit = text.utf8.last
    else { return nil }
    switch unit {
    case UInt8(ascii: "H"): return .seconds(amount * 3_600)
    case UInt8(ascii: "M"): return .seconds(amount * 60)
    case UInt8(ascii: "S"): return .seconds(amount)
    case UInt8(ascii: "m"): return .milliseconds(amount)
    case UInt8(ascii: "u"): return .microseconds(amount)
    case UInt8(ascii: "n"): return .nanoseconds(amount)
    default: return nil
    }
  }
}
