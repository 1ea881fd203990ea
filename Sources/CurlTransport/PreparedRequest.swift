import HTTPTransport
import HTTPTypes

/// A request in the words of libcurl, checked, and made without touching it.
struct PreparedRequest: Sendable, Equatable {
  /// The whole URL.
  ///
  /// Its host is the name that TLS checks.
  var url: String
  /// `::host:port` when the connection goes elsewhere than the URL says.
  var connectTo: String?
  /// What its handle must be set up for.
  var shape: Shape
  /// Whom it asks, for the bound of exchanges at once.
  var endpoint: Endpoint
  /// Lines for `CURLOPT_HTTPHEADER`.
  var headerLines: HeaderLines
  /// The whole body.
  var body: [UInt8]
  /// How far the exchange may go.
  var limits: TransportRequest.Limits
  /// Addresses that the connection must not lead to.
  var refusedRanges: [NetworkRange]
  /// The most exchanges with the endpoint at once; nil for no bound.
  var concurrency: Int?

  /// The part of a request that many share, so that one handle serves them in turn.
  struct Shape: Sendable, Hashable {
    /// The method's name.
    var method: String
    /// What is known of the body.
    var upload: Upload
    /// The version of HTTP that is offered.
    var version: Version
    /// Whether the answer may come compressed.
    var acceptsCompression: Bool
    /// How the peer is authenticated.
    var security: TransportSecurity

    /// Leaves out certificates, which are long and seldom differ.
    func hash(into hasher: inout Hasher) {
      hasher.combine(self.method)
      hasher.combine(self.version)
      hasher.combine(self.security.serverName)
    }
  }

  /// Host, port, scheme and trust: what connections are shared by.
  struct Endpoint: Sendable, Hashable {
    var isSecure: Bool
    var authority: String
    var security: TransportSecurity

    /// Leaves out certificates, which are long and seldom differ.
    func hash(into hasher: inout Hasher) {
      hasher.combine(self.authority)
      hasher.combine(self.security.serverName)
    }
  }

  /// How the body is sent.
  enum Upload: Sendable, Equatable {
    /// There is none, and the answer has one.
    case none
    /// There is none, and the answer has none either.
    case noneAndNoAnswer
    /// It may be sent again by libcurl when a reused connection turns out to be dead.
    case repeatable
    /// It is sent once: the request is not idempotent, so whoever asked must decide.
    case once
  }

  /// The version of HTTP that is offered.
  enum Version: Sendable, Equatable {
    /// HTTP/1.1, on a connection of its own.
    case one
    /// HTTP/2 where TLS negotiates it, many exchanges to a connection; else HTTP/1.1.
    case twoOverTLS
  }

  /// Checks and translates `request`.
  init(_ request: TransportRequest) throws(TransportError) {
    let target = try Target(request.head)
    let security = request.security
    self.body = request.body
    self.limits = request.limits
    self.refusedRanges = request.refusedRanges
    self.concurrency = request.concurrency
    self.endpoint = Endpoint(isSecure: target.isSecure, authority: target.authority, security: security)
    // A reader that is slow on one stream makes libcurl hold back the whole HTTP/2 connection. An exchange with no end,
    // whose reader may well send requests of its own, therefore has a connection to itself.
    self.shape = Shape(
      method: request.head.method.rawValue,
      upload: Self.upload(of: request.head.method, bodyCount: request.body.count),
      version: target.isSecure && request.limits.total != nil ? .twoOverTLS : .one,
      acceptsCompression: request.acceptsCompression, security: security)
    self.headerLines = HeaderLines(request.head.headerFields)
    if target.isSecure, let serverName = security.serverName, serverName != target.host {
      guard Target.isHost(serverName) else {
        throw TransportError(.invalidRequest, "the server name is not a host name", progress: .nothingSent)
      }
      self.url = "https://\(serverName):\(target.port)\(target.path)"
      self.connectTo = "::\(target.host):\(target.port)"
      self.headerLines.append("Host", ": ", target.authority.utf8)
    } else {
      var url = target.isSecure ? "https://" : "http://"
      url.reserveCapacity(url.utf8.count + target.authority.utf8.count + target.path.utf8.count)
      url += target.authority
      url += target.path
      self.url = url
      self.connectTo = nil
    }
  }

  private static func upload(of method: HTTPRequest.Method, bodyCount: Int) -> Upload {
    switch method {
    case .head: .noneAndNoAnswer
    case .get, .delete, .options: bodyCount == 0 ? .none : .repeatable
    case .put: .repeatable
    default: .once
    }
  }
}

extension PreparedRequest {
  /// Where a request goes, taken apart and checked.
  struct Target: Sendable, Equatable {
    var isSecure: Bool
    /// `host` or `host:port`, as it was given.
    var authority: String
    /// The host; an IPv6 address keeps its brackets.
    var host: String
    var port: UInt16
    var path: String

    init(_ head: HTTPRequest) throws(TransportError) {
      switch head.scheme {
      case "https": self.isSecure = true
      case "http": self.isSecure = false
      default: throw Self.invalid("the scheme is neither http nor https")
      }
      guard let authority = head.authority, !authority.isEmpty else { throw Self.invalid("there is no host") }
      self.authority = authority
      let bytes = authority.utf8
      var host = Substring(authority)
      var port: UInt16 = self.isSecure ? 443 : 80
      if let colon = bytes.lastIndex(of: UInt8(ascii: ":")), !bytes[colon...].contains(UInt8(ascii: "]")) {
        guard let number = UInt16(authority[bytes.index(after: colon)...]), number > 0 else {
          throw Self.invalid("the port is not a number from 1 to 65535")
        }
        host = authority[..<colon]
        port = number
      }
      guard Self.isHost(host) else { throw Self.invalid("the host is not a name or an address") }
      self.host = String(host)
      self.port = port
      self.path = head.path ?? "/"
      guard self.path.utf8.first == UInt8(ascii: "/"), self.path.utf8.allSatisfy(Self.isPathByte) else {
        throw Self.invalid("the path does not start with / or has bytes that a URL cannot hold")
      }
    }

    /// Whether `host` is made of what names and addresses are made of.
    ///
    /// A colon is part of a bracketed address only.
    static func isHost(_ host: some StringProtocol) -> Bool {
      let bytes = host.utf8
      if bytes.first == UInt8(ascii: "[") {
        return bytes.count > 2 && bytes.suffix(1).first == UInt8(ascii: "]")
          && bytes.dropFirst().dropLast().allSatisfy { Self.isNameByte($0) || $0 == UInt8(ascii: ":") }
      }
      return !bytes.isEmpty && bytes.count <= 253 && bytes.allSatisfy(Self.isNameByte)
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"):
        true
      default: false
      }
    }

    private static func isPathByte(_ byte: UInt8) -> Bool {
      byte > 0x20 && byte < 0x7F && byte != UInt8(ascii: "#")
    }

    private static func invalid(_ message: String) -> TransportError {
      TransportError(.invalidRequest, message, progress: .nothingSent)
    }
  }
}
