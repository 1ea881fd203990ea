public import HTTPTypes

/// One request: its head, its whole body, and how far the exchange may go.
public struct TransportRequest: Sendable {
  /// Method, scheme, authority, path and fields.
  ///
  /// `scheme` and `authority` are required by network transports.
  public var head: HTTPRequest
  /// The whole body; empty for none.
  public var body: [UInt8]
  /// How long and how large the exchange may be.
  public var limits: Limits
  /// How the peer is authenticated; ignored for plain HTTP and in process.
  public var security: TransportSecurity
  /// Addresses that a connection must not lead to, whatever name they hide behind; ignored in process.
  ///
  /// Behind a proxy they say nothing: only the proxy knows where it connects to.
  package var refusedRanges: [NetworkRange] = []
  /// Whether the answer may come compressed.
  ///
  /// It is handed over inflated, and its limit counts inflated bytes.
  package var acceptsCompression = false
  /// The most exchanges with this authority and security that run at once; the others wait for their turn within their
  /// deadlines.
  ///
  /// Nil for no bound.
  package var concurrency: Int?

  /// Creates a request.
  public init(
    head: HTTPRequest, body: [UInt8] = [], limits: Limits = Limits(), security: TransportSecurity = TransportSecurity()
  ) {
    self.head = head
    self.body = body
    self.limits = limits
    self.security = security
  }

  /// Bounds of one exchange.
  public struct Limits: Sendable, Hashable {
    /// Time until a connection is established, TLS included.
    public var connect: Duration
    /// Time until the last byte of the answer has arrived; nil for streams that have no end.
    public var total: Duration?
    /// Time without a single byte after which a connection counts as dead; nil to wait for ever.
    public var idle: Duration?
    /// The largest body that is accepted, in bytes after decompression.
    ///
    /// Streams are not bounded by it.
    public var responseBytes: Int

    /// Creates limits; the defaults suit a short request.
    public init(
      connect: Duration = .seconds(5), total: Duration? = .seconds(30), idle: Duration? = nil,
      responseBytes: Int = 16 << 20
    ) {
      self.connect = connect
      self.total = total
      self.idle = idle
      self.responseBytes = responseBytes
    }
  }
}

/// How a TLS peer is authenticated.
///
/// Connections are shared only between requests whose security is equal. It describes itself without its bytes, so that
/// no key reaches a log.
public struct TransportSecurity: Sendable, Hashable, CustomStringConvertible, CustomDebugStringConvertible,
  CustomReflectable
{
  /// PEM certificates to trust instead of the system's roots.
  public var certificateAuthority: [UInt8]?
  /// The PEM certificate chain to present.
  public var clientCertificate: [UInt8]?
  /// The PEM key of `clientCertificate`.
  public var clientKey: [UInt8]?
  /// The name to check the certificate against instead of the URL's host.
  public var serverName: String?
  /// Accepts any certificate.
  ///
  /// Only ever set by an explicit `insecure-skip-tls-verify`.
  public var skipsVerification: Bool
  /// The proxy to go through, as a URL; nil for a direct connection.
  ///
  /// The environment is never consulted.
  public var proxy: String?

  /// Creates security settings; the defaults trust the system's roots.
  public init(
    certificateAuthority: [UInt8]? = nil, clientCertificate: [UInt8]? = nil, clientKey: [UInt8]? = nil,
    serverName: String? = nil, skipsVerification: Bool = false, proxy: String? = nil
  ) {
    self.certificateAuthority = certificateAuthority
    self.clientCertificate = clientCertificate
    self.clientKey = clientKey
    self.serverName = serverName
    self.skipsVerification = skipsVerification
    self.proxy = proxy
  }
  /// What there is, and none of its bytes.
  public var description: String {
    let parts = [
      self.certificateAuthority == nil ? nil : "own authority",
      self.clientCertificate == nil ? nil : "client certificate",
      self.serverName, self.skipsVerification ? "no verification" : nil, self.proxy == nil ? nil : "proxy",
    ]
    return "TransportSecurity(\(parts.compactMap { $0 }.joined(separator: ", ")))"
  }
  /// The description.
  public var debugDescription: String { self.description }
  /// Nothing.
  public var customMirror: Mirror { Mirror(self, children: [:]) }
}
