import HTTPTypes

/// The request line and the fields of a request, as they were sent.
struct RequestHead: Sendable, Hashable {
  var method: String
  /// The target as it stands in the request line.
  var target: String
  /// The minor version of HTTP/1: 0 or 1.
  var minorVersion = 1
  var fields = HTTPFields()
}

extension RequestHead {
  /// Reads a head with its empty line.
  ///
  /// - Throws: ``MessageError`` if it departs from the grammar in anything.
  init(parsing bytes: [UInt8]) throws(MessageError) {
    var rest = bytes[...]
    guard let line = FieldLines.line(&rest) else { throw .malformed("a request line without an end") }
    let words = line.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
    guard words.count == 3 else { throw .malformed("a request line that is not of three words") }
    guard HTTPRequest.Method(String(decoding: words[0], as: UTF8.self)) != nil else {
      throw .malformed("a method that is no token")
    }
    // Visible ASCII: everything else is to be percent-encoded.
    guard !words[1].isEmpty, words[1].allSatisfy({ (0x21...0x7e).contains($0) && $0 != UInt8(ascii: "#") }) else {
      throw .malformed("a target with characters that no URL has")
    }
    self.method = String(decoding: words[0], as: UTF8.self)
    self.target = String(decoding: words[1], as: UTF8.self)
    self.minorVersion = try HTTPVersionText.minor(words[2])
    self.fields = try FieldLines.parse(rest)
  }
}

/// The version in a request or status line.
enum HTTPVersionText {
  /// The minor version.
  ///
  /// - Throws: ``MessageError`` for anything but `HTTP/1.0` and `HTTP/1.1`.
  static func minor(_ bytes: ArraySlice<UInt8>) throws(MessageError) -> Int {
    switch String(decoding: bytes, as: UTF8.self) {
    case "HTTP/1.1": return 1
    case "HTTP/1.0": return 0
    case let text where text.hasPrefix("HTTP/") && text.utf8.count == 8: throw .unsupportedVersion
    default: throw .malformed("a version that is none")
    }
  }
}
