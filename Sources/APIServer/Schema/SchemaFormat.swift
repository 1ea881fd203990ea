import FoundationEssentials
import KubernetesModel

/// The formats of strings that are checked; a format that is not known checks nothing.
enum SchemaFormat {
  /// The format of integers of 32 bits in the schemas of built-in kinds; definitions know none that is checked.
  static let int32 = "kubernetes.io/int32"

  /// Whether texts of the format are checked.
  static func isKnown(_ format: String) -> Bool {
    [
      "date-time", "datetime", "date", "duration", "uuid", "byte", "ipv4", "ipv6", "cidr", "mac", "email", "hostname",
      "uri", "password", Quantity.format,
    ].contains(format)
  }

  /// Whether a text has the format.
  static func accepts(_ text: String, format: String) -> Bool {
    switch format {
    case "date-time", "datetime": Timestamp(text) != nil
    case Quantity.format: Quantity(text) != nil
    case "date": Timestamp("\(text)T00:00:00Z") != nil && text.utf8.count == 10
    case "duration": GoDuration(text) != nil
    case "uuid": UUID(uuidString: text) != nil
    case "byte": text.utf8.count.isMultiple(of: 4) && Data(base64Encoded: text) != nil
    case "ipv4": self.isIPv4(text)
    case "ipv6": self.isIPv6(text)
    case "cidr": self.isCIDR(text)
    case "mac": self.isMAC(text)
    case "email": self.isEmail(text)
    case "hostname": text.utf8.count <= 255 && LabelSyntax.fault(inSubdomain: text.lowercased()) == nil
    case "uri": text.contains(":") && !text.contains(where: \.isWhitespace)
    default: true
    }
  }

  private static func isIPv4(_ text: String) -> Bool {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 4
      && parts.allSatisfy { part in
        part.utf8.allSatisfy { (0x30...0x39).contains($0) } && (part == "0" || part.first != "0") && UInt8(part) != nil
      }
  }

  private static func isIPv6(_ text: String) -> Bool {
    guard text.contains(":"), !text.contains(":::") else { return false }
    let halves = text.split(separator: "::", omittingEmptySubsequences: false)
    guard halves.count <= 2 else { return false }
    var groups = 0
    for (index, half) in halves.enumerated() where !half.isEmpty {
      let parts = half.split(separator: ":", omittingEmptySubsequences: false)
      for (position, part) in parts.enumerated() {
        let isLast = index == halves.count - 1 && position == parts.count - 1
        if isLast, part.contains(".") {
          guard self.isIPv4(String(part)) else { return false }
          groups += 2
          continue
        }
        guard (1...4).contains(part.utf8.count), part.allSatisfy(\.isHexDigit) else { return false }
        groups += 1
      }
    }
    return halves.count == 2 ? groups < 8 : groups == 8
  }

  private static func isCIDR(_ text: String) -> Bool {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 2, let bits = UInt8(parts[1]), String(bits) == parts[1] else { return false }
    return self.isIPv4(parts[0]) ? bits <= 32 : self.isIPv6(parts[0]) && bits <= 128
  }

  /// Six, eight or twenty bytes in hexadecimal, parted by colons or hyphens, or by dots after every second.
  private static func isMAC(_ text: String) -> Bool {
    for (separator, digits, counts) in [(":", 2, [6, 8, 20]), ("-", 2, [6, 8, 20]), (".", 4, [3, 4, 10])] {
      let parts = text.split(separator: separator, omittingEmptySubsequences: false)
      if counts.contains(parts.count), parts.allSatisfy({ $0.utf8.count == digits && $0.allSatisfy(\.isHexDigit) }) {
        return true
      }
    }
    return false
  }

  private static func isEmail(_ text: String) -> Bool {
    let parts = text.split(separator: "@", omittingEmptySubsequences: false)
    return parts.count == 2 && parts.allSatisfy { !$0.isEmpty && !$0.contains(where: \.isWhitespace) }
  }
}
