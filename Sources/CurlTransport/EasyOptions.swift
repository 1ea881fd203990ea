import CCurl
import CCurlShims
import Glibc
import HTTPTransport

/// Sets the options of one libcurl handle.
struct EasyOptions {
  let handle: UnsafeMutableRawPointer

  /// Sets what requests of one shape have in common.
  func set(_ shape: PreparedRequest.Shape) {
    switch shape.upload {
    case .none: self.set(CURLOPT_HTTPGET, 1)
    case .noneAndNoAnswer: self.set(CURLOPT_NOBODY, 1)
    case .once, .repeatable: self.set(CURLOPT_POST, 1)
    }
    self.set(CURLOPT_CUSTOMREQUEST, shape.method)
    switch shape.version {
    case .one: self.set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
    case .twoOverTLS:
      self.set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_2TLS))
      self.set(CURLOPT_PIPEWAIT, 1)
    }
    // Brotli and the like would be offered too if we did not say which.
    if shape.acceptsCompression { self.set(CURLOPT_ACCEPT_ENCODING, "gzip, deflate") }
    self.set(shape.security)
  }

  /// Sets what is the same for all requests of a transport.
  func set(_ configuration: CurlHTTPTransport.Configuration, _ sockets: SocketWatch) {
    self.set(CURLOPT_PROTOCOLS_STR, "http,https")
    self.set(CURLOPT_FOLLOWLOCATION, 0)
    self.set(CURLOPT_PATH_AS_IS, 1)
    self.set(CURLOPT_DISALLOW_USERNAME_IN_URL, 1)
    self.set(CURLOPT_NETRC, Int(CURL_NETRC_IGNORED.rawValue))
    self.set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
    // Signals are blocked on the loop's thread, and a resolver that hangs is left behind rather than waited for.
    self.set(CURLOPT_NOSIGNAL, 1)
    self.set(CURLOPT_QUICK_EXIT, 1)
    self.set(CURLOPT_TCP_NODELAY, 1)
    self.set(CURLOPT_TCP_KEEPALIVE, 1)
    self.set(CURLOPT_TCP_KEEPIDLE, 30)
    self.set(CURLOPT_TCP_KEEPINTVL, 15)
    self.set(CURLOPT_MAXAGE_CONN, configuration.idleSeconds)
    self.set(CURLOPT_DNS_CACHE_TIMEOUT, Int(configuration.addressAge.components.seconds))
    // A connection may be closed long after the transfer that opened it has gone.
    curl_shim_set_pointer(self.handle, CURLOPT_CLOSESOCKETDATA, Unmanaged.passUnretained(sockets).toOpaque())
    curl_shim_set_close_socket_function(self.handle) { context, socket in
      guard let context else { return close(socket) }
      return Unmanaged<SocketWatch>.fromOpaque(context).takeUnretainedValue().close(socket)
    }
  }

  private func set(_ security: TransportSecurity) {
    self.set(CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
    self.set(CURLOPT_SSL_VERIFYPEER, security.skipsVerification ? 0 : 1)
    self.set(CURLOPT_SSL_VERIFYHOST, security.skipsVerification ? 0 : 2)
    if let authority = security.certificateAuthority { self.set(CURLOPT_CAINFO_BLOB, authority) }
    if let certificate = security.clientCertificate { self.set(CURLOPT_SSLCERT_BLOB, certificate) }
    if let key = security.clientKey { self.set(CURLOPT_SSLKEY_BLOB, key) }
    // An empty string turns off the proxies and the exceptions that the environment names.
    self.set(CURLOPT_PROXY, security.proxy ?? "")
    self.set(CURLOPT_NOPROXY, "")
  }

  private func set(_ option: CURLoption, _ value: Int) {
    curl_shim_set_long(self.handle, option, value)
  }

  private func set(_ option: CURLoption, _ value: String) {
    curl_shim_set_string(self.handle, option, value)
  }

  private func set(_ option: CURLoption, _ bytes: [UInt8]) {
    bytes.withUnsafeBytes { _ = curl_shim_set_blob(self.handle, option, $0.baseAddress, $0.count) }
  }
}

extension Duration {
  /// The whole milliseconds, rounded up, at least 1 and at most what fits into 32 bits.
  var milliseconds: Int {
    let (seconds, attoseconds) = self.components
    guard seconds >= 0, attoseconds >= 0 else { return 1 }
    guard seconds < Int64(Int32.max) / 1000 else { return Int(Int32.max) }
    let whole = Int(seconds) * 1000 + Int((attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)
    return max(whole, 1)
  }
}
