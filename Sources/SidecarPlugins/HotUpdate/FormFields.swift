/// Reads the two kinds of forms that browsers and curl send.
enum FormFields {
  /// The fields of a form or a query; the first of a name counts.
  static func read(_ text: some StringProtocol) -> [String: String] {
    var fields: [String: String] = [:]
    for part in text.split(separator: "&").prefix(100) {
      let pieces = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard let name = Self.decoded(pieces[0]), let value = pieces.count == 2 ? Self.decoded(pieces[1]) : "",
        fields[name] == nil
      else { continue }
      fields[name] = value
    }
    return fields
  }

  /// The fields of a form of either kind; none if it is another type of content.
  ///
  /// - Parameter contentType: the header of the request, with the boundary where there is one.
  static func read(_ body: [UInt8], contentType: String) -> [String: String] {
    let text = String(decoding: body, as: UTF8.self)
    switch contentType.prefix(while: { $0 != ";" }).lowercased().trimming(while: \.isWhitespace) {
    case "application/x-www-form-urlencoded": return Self.read(text)
    case "multipart/form-data":
      guard let boundary = Self.parameter("boundary", of: contentType), !boundary.isEmpty else { return [:] }
      return Self.parts(of: text, boundary: boundary)
    default: return [:]
    }
  }

  /// The texts of a `multipart/form-data` body (RFC 7578); files are left out.
  private static func parts(of text: String, boundary: String) -> [String: String] {
    var fields: [String: String] = [:]
    for part in ("\r\n" + text).split(separator: "\r\n--\(boundary)", omittingEmptySubsequences: false)
      .dropFirst().prefix(100)
    {
      guard let end = part.firstRange(of: "\r\n\r\n") else { continue }
      let disposition = part[..<end.lowerBound].split(separator: "\r\n").first {
        $0.lowercased().hasPrefix("content-disposition:")
      }
      guard let disposition, let name = Self.parameter("name", of: disposition),
        Self.parameter("filename", of: disposition) == nil, fields[name] == nil
      else { continue }
      fields[name] = String(part[end.upperBound...])
    }
    return fields
  }

  /// A parameter of a header's value, with quotes or without.
  private static func parameter(_ name: String, of header: some StringProtocol) -> String? {
    for piece in header.split(separator: ";").dropFirst() {
      let pair = piece.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard pair.count == 2, pair[0].lowercased().trimming(while: \.isWhitespace) == name else { continue }
      return String(pair[1]).trimming(while: \.isWhitespace).trimming(while: { $0 == "\"" })
    }
    return nil
  }

  private static func decoded(_ text: some StringProtocol) -> String? {
    var bytes: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.popFirst() {
      switch byte {
      case UInt8(ascii: "+"): bytes.append(UInt8(ascii: " "))
      case UInt8(ascii: "%"):
        guard rest.count >= 2, let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) else {
          return nil
        }
        rest = rest.dropFirst(2)
        bytes.append(value)
      default: bytes.append(byte)
      }
    }
    return String(validating: bytes, as: UTF8.self)
  }
}
