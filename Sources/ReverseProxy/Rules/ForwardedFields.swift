import HTTPTypes

/// Which fields the other side gets.
enum ForwardedFields {
  /// What concerns one connection only, whatever Connection names beside.
  private static let hopByHop: Set<String> = [
    "connection", "keep-alive", "proxy-connection", "te", "transfer-encoding", "upgrade", "http2-settings",
    "proxy-authenticate", "proxy-authentication-info", "proxy-authorization",
  ]
  /// What Connection cannot take away, as the message would mean something else without it.
  private static let kept: Set<String> = ["host", "content-length", "content-type", "content-encoding", "trailer"]
  /// What the proxy knows better than its client.
  private static let origin: Set<String> = ["x-forwarded-for", "x-forwarded-host", "x-forwarded-proto"]
  /// Others that tell where a request comes from.
  private static let untrusted: Set<String> = ["forwarded", "x-real-ip"]

  /// What the upstream server gets of a request.
  struct Request: Sendable, Hashable {
    var head: RequestHead
    var plan: RequestPlan
    /// The client's address, without its port.
    var peer: String
    /// Whether what the client says of where the request comes from is passed on.
    var trustsForwarded: Bool
  }

  /// The fields for the upstream server.
  static func upstream(_ request: Request) -> HTTPFields {
    let sent = request.head.fields
    let named = sent.connectionOptions
    var fields = HTTPFields()
    for field in sent where field.name != .contentLength {
      let name = Self.comparable(field.name)
      guard !Self.hopByHop.contains(name), name != "authorization", !Self.origin.contains(name) else { continue }
      guard request.trustsForwarded || !Self.untrusted.contains(name) else { continue }
      guard name == field.name.canonicalName || !Self.kept.contains(name) else { continue }
      guard !Self.isNamed(field.name, in: named) else { continue }
      if field.name == .trailer, request.plan.body != .chunked { continue }
      fields.append(field)
    }
    let before = request.trustsForwarded ? sent[values: .xForwardedFor] : []
    fields[.xForwardedFor] = (before.filter { !$0.isEmpty } + [request.peer]).joined(separator: ", ")
    fields[.xForwardedHost] = sent[.host]
    fields[.xForwardedProto] = "http"
    switch request.plan.body {
    case .none, .untilClose: ()
    case .counted(let count): fields[.contentLength] = String(count)
    case .chunked: fields[.transferEncoding] = "chunked"
    }
    var connection: [String] = []
    if sent[values: .te].flatMap(ListedWords.of).contains("trailers") {
      fields[.te] = "trailers"
      connection.append("TE")
    }
    if let upgrade = request.plan.upgrade {
      fields[.upgrade] = upgrade
      connection.append("Upgrade")
    }
    if !connection.isEmpty { fields[.connection] = connection.joined(separator: ", ") }
    return fields
  }

  /// The fields for the client.
  ///
  /// - Parameters:
  ///   - encoder: how the client gets the body.
  ///   - closes: whether the connection to the client ends behind it.
  static func client(_ head: ResponseHead, encoder: BodyEncoder, closes: Bool) -> HTTPFields {
    let named = head.fields.connectionOptions
    // 426 tells which protocol would do, which 101 changes to.
    let tellsUpgrade = head.status == 101 || head.status == 426
    var fields = HTTPFields()
    for field in head.fields {
      if field.name == .upgrade, tellsUpgrade {
        fields.append(field)
        continue
      }
      guard !Self.hopByHop.contains(field.name.canonicalName), !Self.isNamed(field.name, in: named) else { continue }
      if field.name == .trailer, encoder != .chunked { continue }
      if field.name == .contentLength, head.status == 204 || head.status < 200 { continue }
      fields.append(field)
    }
    if encoder == .chunked { fields[.transferEncoding] = "chunked" }
    var connection: [String] = []
    if tellsUpgrade, fields[.upgrade] != nil { connection.append("Upgrade") }
    if closes { connection.append("close") }
    if !connection.isEmpty { fields[.connection] = connection.joined(separator: ", ") }
    return fields
  }

  private static func isNamed(_ name: HTTPField.Name, in options: Set<String>) -> Bool {
    options.contains(name.canonicalName) && !Self.kept.contains(name.canonicalName)
  }

  /// Many servers give their programs `_` for `-` in names, so that either would be taken for the other.
  private static func comparable(_ name: HTTPField.Name) -> String {
    String(name.canonicalName.map { $0 == "_" ? "-" : $0 })
  }
}

/// Which trailers the other side gets.
enum TrailerRules {
  private static let refused: Set<String> = [
    "transfer-encoding", "content-length", "host", "connection", "keep-alive", "te", "trailer", "upgrade",
    "authorization", "proxy-authorization", "cookie", "set-cookie", "forwarded", "x-forwarded-for", "x-forwarded-host",
    "x-forwarded-proto", "x-real-ip", "content-type", "content-encoding", "content-range", "expect", "max-forwards",
    "proxy-connection", "cache-control", "www-authenticate",
  ]

  /// Without those that frame, route or authorise a message (RFC 9110, 6.5.1).
  static func forwarded(_ trailers: HTTPFields) -> HTTPFields {
    var fields = HTTPFields()
    for field in trailers {
      let name = String(field.name.canonicalName.map { $0 == "_" ? "-" : $0 })
      if !Self.refused.contains(name) { fields.append(field) }
    }
    return fields
  }
}

extension HTTPField.Name {
  static let xForwardedFor = HTTPField.Name("X-Forwarded-For")!
  static let xForwardedHost = HTTPField.Name("X-Forwarded-Host")!
  static let xForwardedProto = HTTPField.Name("X-Forwarded-Proto")!
  static let host = HTTPField.Name("Host")!
}
