import FoundationEssentials

/// Reads the file that `--token-file` names.
///
/// Its lines are those of kube-apiserver's static token file, `token,user,uid` or `token,user,uid,"group,group"`, or a
/// token alone.
package enum TokenFile {
  /// The tokens of the file at `path`, in its order.
  ///
  /// - Throws: ``LocalError`` naming the file, and the line without its content.
  package static func read(_ path: String) throws(LocalError) -> [String] {
    guard let bytes = try LocalFile.read(path) else {
      throw LocalError(.noInput, "--token-file \(path): there is no such file")
    }
    return try Self.parse(bytes, file: path)
  }

  /// - Throws: ``LocalError``.
  static func parse(_ bytes: [UInt8], file: String) throws(LocalError) -> [String] {
    var tokens: [String] = []
    for (index, line) in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated() {
      let line = line.last == UInt8(ascii: "\r") ? line.dropLast() : line
      if line.allSatisfy({ $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }) { continue }
      let place = "\(file):\(index + 1)"
      let fields = try Self.fields(line, place: place)
      guard fields.count != 2 else {
        throw LocalError(.badData, "\(place): write token,user,uid or a token alone; there are 2 fields")
      }
      let token = fields[0]
      guard !token.isEmpty else { throw LocalError(.badData, "\(place): the token is empty") }
      // What a header field can carry after "Bearer ".
      guard token.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
        throw LocalError(.badData, "\(place): a token has visible ASCII characters only")
      }
      if !tokens.contains(token) { tokens.append(token) }
      guard tokens.count <= Self.maximumTokens else {
        throw LocalError(.badData, "\(file): more than \(Self.maximumTokens) tokens")
      }
    }
    guard !tokens.isEmpty else { throw LocalError(.badData, "\(file): no token in it") }
    return tokens
  }

  /// Every request is compared with all of them.
  static let maximumTokens = 1000

  /// The fields of a line of comma-separated values (RFC 4180).
  private static func fields(_ line: ArraySlice<UInt8>, place: String) throws(LocalError) -> [String] {
    let quote = UInt8(ascii: "\"")
    var fields: [[UInt8]] = [[]]
    var isQuoted = false
    var wasQuoted = false
    var rest = line
    while let byte = rest.popFirst() {
      let last = fields.count - 1
      switch byte {
      case quote where isQuoted && rest.first == quote:
        rest.removeFirst()
        fields[last].append(quote)
      case quote where isQuoted:
        isQuoted = false
        wasQuoted = true
      case quote where fields[last].isEmpty && !wasQuoted: isQuoted = true
      case UInt8(ascii: ",") where !isQuoted:
        fields.append([])
        wasQuoted = false
      default:
        guard isQuoted || (byte != quote && !wasQuoted) else {
          throw LocalError(.badData, "\(place): a quotation mark in the middle of a field")
        }
        fields[last].append(byte)
      }
    }
    guard !isQuoted else { throw LocalError(.badData, "\(place): a quotation mark is not closed") }
    return fields.map { String(decoding: $0, as: UTF8.self) }
  }
}
