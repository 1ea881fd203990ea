import HTTPTypes

/// What a request asks of the proxy, once its framing is beyond doubt.
///
/// Whatever two servers could read in two ways is refused, so that no request hides in another's body.
struct RequestPlan: Sendable, Hashable {
  /// The target in origin form, or `*`.
  var target: String
  /// How its body ends.
  var body: BodyLength
  /// The protocols to change to that the client offers; nil for none.
  var upgrade: String?
  /// Whether the client will send further requests on this connection.
  var keepsAlive: Bool

  /// - Throws: ``Refusal`` (400, 417 or 501).
  init(_ head: RequestHead) throws(Refusal) {
    guard head.method != "CONNECT", head.method != "TRACE" else {
      throw .unsupported("this server does not do \(head.method)")
    }
    let hosts = head.fields[values: .host]
    guard hosts.count <= 1, hosts.count == 1 || head.minorVersion == 0 else {
      throw .malformed("there must be one Host field")
    }
    if let host = hosts.first, !Self.isAuthority(host) { throw .malformed("the Host field is no host") }
    self.target = try Self.originForm(head.target, method: head.method, host: hosts.first)
    self.body = try Self.body(head)
    if let expectation = head.fields[.expect], expectation.lowercased() != "100-continue" {
      throw Refusal(
        reason: .unsupported, status: .expectationFailed, detail: "this server does not know that expectation")
    }
    let connection = head.fields.connectionOptions
    self.keepsAlive = head.minorVersion == 1 && !connection.contains("close")
    let offered = head.fields[values: .upgrade].joined(separator: ", ")
    // A request with a body goes on as it is, and so does one for HTTP/2, whose requests would pass unseen.
    let canUpgrade =
      head.minorVersion == 1 && connection.contains("upgrade") && self.body.isEmpty && !offered.isEmpty
      && !ListedWords.of(offered).contains { $0.hasPrefix("h2") || $0.hasPrefix("http/") || $0.hasPrefix("tls/") }
    self.upgrade = canUpgrade ? offered : nil
  }

  private static func originForm(_ target: String, method: String, host: String?) throws(Refusal) -> String {
    if target.hasPrefix("/") { return target }
    if target == "*", method == "OPTIONS" { return target }
    let scheme = "http://"
    guard target.lowercased().hasPrefix(scheme) else {
      throw .malformed("the target is neither a path nor a URL of this server")
    }
    let rest = target.dropFirst(scheme.count)
    let authority = rest.prefix { $0 != "/" && $0 != "?" }
    guard let host, authority.lowercased() == host.lowercased() else {
      throw .malformed("the target names another host than the Host field")
    }
    let path = rest.dropFirst(authority.count)
    return path.hasPrefix("/") ? String(path) : "/" + path
  }

  private static func body(_ head: RequestHead) throws(Refusal) -> BodyLength {
    let lengths = head.fields[values: .contentLength]
    let codings = head.fields[values: .transferEncoding]
    guard lengths.isEmpty || codings.isEmpty else {
      throw .malformed("there must not be both Content-Length and Transfer-Encoding")
    }
    if let coding = codings.first {
      guard codings.count == 1 else { throw .malformed("there must be one Transfer-Encoding field") }
      guard head.minorVersion == 1 else { throw .malformed("HTTP/1.0 has no Transfer-Encoding") }
      guard coding.lowercased() == "chunked" else { throw .unsupported("this server knows only the coding chunked") }
      return .chunked
    }
    guard let length = lengths.first else { return .none }
    guard lengths.count == 1 else { throw .malformed("there must be one Content-Length field") }
    guard let count = DecimalCount.of(length) else { throw .malformed("the Content-Length field is no number") }
    return .counted(count)
  }

  /// Whether this is a host with an optional port, or nothing, as a client without a name for the server sends.
  private static func isAuthority(_ host: String) -> Bool {
    host.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
      case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "["), UInt8(ascii: "]"): true
      default: "-._~:%".utf8.contains(byte)
      }
    }
  }
}

extension BodyLength {
  /// Whether no byte of a body follows.
  var isEmpty: Bool { self == .none || self == .counted(0) }
}

/// A number of bytes as a header field has it.
enum DecimalCount {
  /// nil unless these are 1 to 18 digits and nothing else.
  static func of(_ text: String) -> Int? {
    guard (1...18).contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
    return Int(text)
  }
}

/// The words of a comma-separated field.
enum ListedWords {
  /// In small letters, without blanks and empty ones.
  static func of(_ text: String) -> [String] {
    text.split(separator: ",").compactMap { word in
      let trimmed = word.drop { $0 == " " || $0 == "\t" }
      let bare = trimmed.reversed().drop { $0 == " " || $0 == "\t" }.reversed()
      return bare.isEmpty ? nil : String(bare).lowercased()
    }
  }
}

extension HTTPFields {
  /// What the Connection fields name, in small letters.
  var connectionOptions: Set<String> {
    Set(self[values: .connection].flatMap { ListedWords.of($0) })
  }
}
