import FoundationEssentials

/// Base64 without padding, in letters that a URL and a header may hold (RFC 4648, section 5).
package enum Base64URL {
  /// The text of some bytes.
  package static func encode(_ bytes: [UInt8]) -> String {
    var text = Data(bytes).base64EncodedData()
    while text.last == UInt8(ascii: "=") { text.removeLast() }
    let letters = text.map { byte in
      switch byte {
      case UInt8(ascii: "+"): UInt8(ascii: "-")
      case UInt8(ascii: "/"): UInt8(ascii: "_")
      default: byte
      }
    }
    return String(decoding: letters, as: UTF8.self)
  }

  /// The bytes of a text; nil if it is not of this form, padding included.
  package static func decode(_ text: some StringProtocol) -> [UInt8]? {
    guard !text.utf8.contains(where: { [UInt8(ascii: "+"), UInt8(ascii: "/"), UInt8(ascii: "=")].contains($0) }) else {
      return nil
    }
    var plain = text.utf8.map { byte in
      switch byte {
      case UInt8(ascii: "-"): UInt8(ascii: "+")
      case UInt8(ascii: "_"): UInt8(ascii: "/")
      default: byte
      }
    }
    while plain.count % 4 != 0 { plain.append(UInt8(ascii: "=")) }
    return Data(base64Encoded: Data(plain)).map { Array($0) }
  }
}
