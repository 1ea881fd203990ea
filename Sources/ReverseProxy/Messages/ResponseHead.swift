import HTTPTypes

/// The status line and the fields of a response, as they were sent.
struct ResponseHead: Sendable, Hashable {
  /// From 100 to 599.
  var status: Int
  /// The words behind the status, which need not be ASCII.
  var reason: [UInt8] = []
  /// The minor version of HTTP/1: 0 or 1.
  var minorVersion = 1
  var fields = HTTPFields()
}

extension ResponseHead {
  /// Reads a head with its empty line.
  ///
  /// - Throws: ``MessageError`` if it departs from the grammar in anything.
  init(parsing bytes: [UInt8]) throws(MessageError) {
    var rest = bytes[...]
    guard let line = FieldLines.line(&rest) else { throw .malformed("a status line without an end") }
    let words = line.split(separator: UInt8(ascii: " "), maxSplits: 2, omittingEmptySubsequences: false)
    guard words.count >= 2 else { throw .malformed("a status line without a status") }
    self.minorVersion = try HTTPVersionText.minor(words[0])
    guard words[1].count == 3, words[1].allSatisfy({ (0x30...0x39).contains($0) }),
      let status = Int(String(decoding: words[1], as: UTF8.self)), (100...599).contains(status)
    else { throw .malformed("a status that is none") }
    self.status = status
    self.reason = words.count == 3 ? Array(words[2]) : []
    self.fields = try FieldLines.parse(rest)
  }
}
