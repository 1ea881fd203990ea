/// One line that a client may send.
package enum GameCommand: Sendable, Hashable {
  /// Take part under a name.
  case join(name: String)
  /// Tell how it stands; no need to take part.
  case status
  /// Stop taking part.
  case leave

  /// Reads one line, without its line end.
  ///
  /// - Throws: ``Malformed`` with what the client did wrong.
  package init(parsing line: some StringProtocol) throws(Malformed) {
    let words = line.split(separator: " ", omittingEmptySubsequences: true)
    switch (words.first, words.count) {
    case ("JOIN", 2):
      let name = words[1]
      guard name.utf8.count <= Self.nameLength, name.utf8.allSatisfy({ (0x21...0x7e).contains($0) }) else {
        throw Malformed(reason: "a name is 1 to \(Self.nameLength) printable ASCII characters")
      }
      self = .join(name: String(name))
    case ("STATUS", 1): self = .status
    case ("LEAVE", 1): self = .leave
    default: throw Malformed(reason: "expected JOIN <name>, STATUS or LEAVE")
    }
  }

  /// The longest name, in bytes.
  package static let nameLength = 32

  /// A line that is no command.
  package struct Malformed: Error, Sendable, Hashable {
    /// What was expected.
    package var reason: String
  }
}

/// Cuts what a client sends into lines of a bounded length.
package struct LineBuffer: Sendable {
  private var bytes: [UInt8] = []

  /// The longest line, in bytes, without its end.
  package static let lineLength = 128

  /// Creates an empty buffer.
  package init() {}

  /// Adds bytes and takes out every line that is complete.
  ///
  /// - Returns: nil when a line is too long; the connection is then to be closed.
  package mutating func append(_ received: some Sequence<UInt8>) -> [String]? {
    var lines: [String] = []
    for byte in received {
      if byte == UInt8(ascii: "\n") {
        if self.bytes.last == UInt8(ascii: "\r") { self.bytes.removeLast() }
        lines.append(String(decoding: self.bytes, as: UTF8.self))
        self.bytes.removeAll(keepingCapacity: true)
      } else {
        guard self.bytes.count < Self.lineLength else { return nil }
        self.bytes.append(byte)
      }
    }
    return lines
  }
}
