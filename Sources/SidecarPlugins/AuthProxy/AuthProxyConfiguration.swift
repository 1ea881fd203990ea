import HTTPTransport
import ReverseProxy
import ServerSupport

/// The `config` of `auth_proxy`.
package struct AuthProxyConfiguration: PluginConfiguration, Hashable {
  /// The address to listen on; nil for the sidecar's own.
  var host: String?
  /// The port to listen on.
  var port: Int
  /// The game's own port.
  var upstream: HostPort
  /// Where the tokens come from; nil only where the configuration is refused.
  var tokens: TokenSource?
  var realm: String
  var queryParameter: String?
  var trustsForwarded: Bool
  var limits: ProxyLimits

  /// Reads `listen`, `upstream`, `tokens`, `realm`, `limits`, `trustForwarded` and `queryParameter`.
  package init(_ fields: ConfigurationFields) {
    let listen = fields.object("listen")
    self.host = listen.flatMap { Self.host("host", of: $0) }
    self.port = listen?.port("port", default: nil) ?? 0
    if listen == nil, !fields.has("listen") { fields.require("listen", "clients connect to it") }
    let upstream = fields.object("upstream")
    self.upstream = HostPort(
      host: upstream.flatMap { Self.host("host", of: $0) } ?? "127.0.0.1",
      port: upstream?.port("port", default: nil) ?? 0)
    if upstream == nil, !fields.has("upstream") { fields.require("upstream", "it is the game's own port") }
    self.tokens = Self.tokens(fields)
    self.realm = "game"
    if let realm = fields.text("realm", atMost: 128) {
      self.realm = realm
      let isQuotable = realm.utf8.allSatisfy { (0x20...0x7e).contains($0) && $0 != 0x22 && $0 != 0x5c }
      if !isQuotable { fields.refuse("realm", "must be ASCII without quotes and backslashes") }
    }
    self.trustsForwarded = fields.bool("trustForwarded", default: false)
    if let name = fields.text("queryParameter", atMost: 64) {
      self.queryParameter = name
      if name.isEmpty || !name.utf8.allSatisfy(Self.isUnreserved) {
        fields.refuse("queryParameter", "must be letters, digits, '-', '.', '_' and '~'")
      }
    }
    self.limits = fields.object("limits").map(Self.limits) ?? ProxyLimits()
    let everywhere: Set = ["", ListenHost.everyAddress, "0.0.0.0", "::", self.upstream.host]
    if self.port != 0, self.port == self.upstream.port, everywhere.contains(self.host ?? "") {
      listen?.refuse("port", "is the port that requests are passed on to")
    }
  }

  private static func tokens(_ fields: ConfigurationFields) -> TokenSource? {
    guard let tokens = fields.object("tokens") else {
      if !fields.has("tokens") { fields.require("tokens", "nobody is admitted without") }
      return nil
    }
    let file = tokens.text("file")
    let variable = tokens.text("environmentVariable")
    switch (file, variable) {
    case (.some, .some): tokens.forbid("environmentVariable", "there is a file already")
    case (nil, nil):
      if !tokens.has("file"), !tokens.has("environmentVariable") {
        tokens.require("file", "or environmentVariable")
      }
    case (let path?, nil):
      guard !path.isEmpty else {
        tokens.refuse("file", "must be the path of a file")
        return nil
      }
      return .file(path)
    case (nil, let name?):
      if tokens.environment[name] == nil {
        tokens.refuse("environmentVariable", "is no variable of the sidecar's environment")
      }
      return .environmentVariable(name)
    }
    return nil
  }

  private static func limits(_ fields: ConfigurationFields) -> ProxyLimits {
    var limits = ProxyLimits()
    limits.headerBytes = fields.integer("headerBytes", default: limits.headerBytes, in: 1024...(256 << 10))
    limits.bodyBytes = fields.integer("bodyBytes", default: limits.bodyBytes, in: 0...(1 << 40))
    limits.connections = fields.integer("connections", default: limits.connections, in: 1...65_536)
    limits.idle = .seconds(fields.integer("idleSeconds", default: 60, in: 1...86_400))
    limits.connect = .seconds(fields.integer("connectSeconds", default: 2, in: 1...60))
    limits.response = .seconds(fields.integer("responseSeconds", default: 30, in: 1...3600))
    return limits
  }

  private static func host(_ key: String, of fields: ConfigurationFields) -> String? {
    guard let host = fields.text(key, atMost: 253) else { return nil }
    let isHost = !host.isEmpty && host.utf8.allSatisfy { Self.isUnreserved($0) || $0 == UInt8(ascii: ":") }
    if !isHost { fields.refuse(key, "must be an address or a name, without brackets") }
    return host
  }

  private static func isUnreserved(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
    case UInt8(ascii: "0")...UInt8(ascii: "9"): true
    default: "-._~".utf8.contains(byte)
    }
  }
}
