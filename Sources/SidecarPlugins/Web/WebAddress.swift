import HTTPTransport
import HTTPTypes

/// An `http` or `https` URL in its parts, taken apart strictly.
struct WebAddress: Sendable, Hashable {
  /// `http` or `https`.
  var scheme: String
  /// Lower case, without a final dot; IPv6 addresses without brackets.
  var host: String
  /// The port, written or the scheme's own.
  var port: Int
  /// As written; begins with `/`.
  var path: String
  /// As written, without its `?`; nil if there is none.
  var query: String?

  /// Bytes that a URL may have.
  static let longest = 4096

  /// Takes a URL apart; a fragment is dropped.
  ///
  /// - Throws: ``WebAddressFault`` for anything but such a URL, and for one with a user name in it.
  init(_ text: String) throws(WebAddressFault) {
    guard text.utf8.count <= Self.longest else { throw WebAddressFault("is longer than \(Self.longest) bytes") }
    guard text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "\\") }) else {
      throw WebAddressFault("has spaces or letters in it that have to be percent-encoded")
    }
    guard let mark = text.firstRange(of: "://") else { throw WebAddressFault("must begin with http:// or https://") }
    self.scheme = text[..<mark.lowerBound].lowercased()
    guard ["http", "https"].contains(self.scheme) else {
      throw WebAddressFault("must begin with http:// or https://")
    }
    let rest = text[mark.upperBound...].prefix { $0 != "#" }
    let authority = rest.prefix { !"/?".contains($0) }
    guard !authority.contains("@") else { throw WebAddressFault("must have no user name in it") }
    (self.host, self.port) = try Self.place(authority, standard: self.scheme == "http" ? 80 : 443)
    let target = rest[authority.endIndex...]
    let path = target.prefix { $0 != "?" }
    self.path = path.isEmpty ? "/" : String(path)
    self.query = path.endIndex < target.endIndex ? String(target[target.index(after: path.endIndex)...]) : nil
  }

  private static func place(_ authority: Substring, standard: Int) throws(WebAddressFault) -> (String, Int) {
    var host = authority
    var port = standard
    // The colons of an IPv6 address stand in brackets.
    if let colon = authority.lastIndex(of: ":"), authority.last != "]" {
      host = authority[..<colon]
      let digits = authority[authority.index(after: colon)...]
      guard digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int(digits),
        (1...65535).contains(number)
      else { throw WebAddressFault("has no port from 1 to 65535") }
      port = number
    }
    if host.first == "[", host.last == "]" {
      let inside = host.dropFirst().dropLast()
      guard inside.contains(":"), inside.allSatisfy({ $0.isHexDigit || ":.".contains($0) }) else {
        throw WebAddressFault("has no IPv6 address in its brackets")
      }
      return (inside.lowercased(), port)
    }
    if host.last == "." { host.removeLast() }
    guard !host.isEmpty, host.utf8.count <= 253,
      host.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || "-._".contains($0)) })
    else { throw WebAddressFault("has no host") }
    return (host.lowercased(), port)
  }

  /// Host and port, as in a request.
  var authority: String {
    let isStandard = self.port == (self.scheme == "http" ? 80 : 443)
    return isStandard ? HostPort.bracketed(self.host) : "\(HostPort(host: self.host, port: self.port))"
  }

  /// The URL without its query, which may hold a secret.
  var shown: String { "\(self.scheme)://\(self.authority)\(self.path)\(self.query == nil ? "" : "?…")" }

  /// The head of a request for it.
  func request(_ method: HTTPRequest.Method, fields: HTTPFields = [:]) -> HTTPRequest {
    HTTPRequest(
      method: method, scheme: self.scheme, authority: self.authority,
      path: self.query.map { "\(self.path)?\($0)" } ?? self.path, headerFields: fields)
  }

  /// The path's segments behind its first slash, percent-decoded.
  ///
  /// - Throws: ``WebAddressFault`` for segments that lead elsewhere, and for what is no UTF-8.
  func segments() throws(WebAddressFault) -> [String] {
    var segments: [String] = []
    for segment in self.path.dropFirst().split(separator: "/", omittingEmptySubsequences: false) {
      guard let decoded = Self.decoded(segment) else { throw WebAddressFault("has a malformed percent-encoding") }
      guard decoded != ".", decoded != ".." else { throw WebAddressFault("has '\(decoded)' in its path") }
      segments.append(decoded)
    }
    return segments
  }

  private static func decoded(_ text: Substring) -> String? {
    var bytes: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "%") else {
        bytes.append(byte)
        continue
      }
      guard let high = rest.popFirst(), let low = rest.popFirst(),
        let value = UInt8(String(decoding: [high, low], as: UTF8.self), radix: 16), high != UInt8(ascii: "+")
      else { return nil }
      bytes.append(value)
    }
    return String(validating: bytes, as: UTF8.self)
  }

  /// Whether this is below the other one: the same scheme, host and port, and its path's segments first.
  func isBelow(_ prefix: WebAddress) -> Bool {
    guard self.scheme == prefix.scheme, self.host == prefix.host, self.port == prefix.port else { return false }
    do throws(WebAddressFault) {
      let segments = try self.segments()
      var wanted = try prefix.segments()
      // `/patches/` and `/patches` mean the same folder.
      if wanted.last == "" { wanted.removeLast() }
      return segments.starts(with: wanted)
    } catch {
      return false
    }
  }
}

/// Why a text is no URL that can be used.
struct WebAddressFault: Error, Sendable, Hashable, CustomStringConvertible {
  var description: String
  init(_ description: String) { self.description = description }
}
