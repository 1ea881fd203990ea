/// Names and labels as Prometheus accepts them.
enum MetricName {
  /// `name` with every character that is not allowed in a metric's name replaced by `_`.
  static func sanitized(_ name: String) -> String {
    Self.sanitized(name, allowsColon: true)
  }

  /// `label` with every character that is not allowed in a label's name replaced by `_`.
  static func sanitizedLabel(_ label: String) -> String {
    Self.sanitized(label, allowsColon: false)
  }

  private static func sanitized(_ text: String, allowsColon: Bool) -> String {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.utf8.count)
    for scalar in text.unicodeScalars {
      switch scalar {
      case "a"..."z", "A"..."Z", "_": bytes.append(UInt8(ascii: scalar))
      case "0"..."9":
        if bytes.isEmpty { bytes.append(UInt8(ascii: "_")) }
        bytes.append(UInt8(ascii: scalar))
      case ":" where allowsColon: bytes.append(UInt8(ascii: scalar))
      default: bytes.append(UInt8(ascii: "_"))
      }
    }
    return bytes.isEmpty ? "_" : String(decoding: bytes, as: UTF8.self)
  }
}
