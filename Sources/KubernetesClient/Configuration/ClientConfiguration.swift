package import HTTPTransport

/// Where the API server is and how we show who we are.
package struct ClientConfiguration: Sendable {
  /// `http` or `https`.
  package var scheme: String
  /// Host and port.
  package var authority: String
  /// A prefix of every path, without a slash at its end; mostly empty.
  package var basePath: String
  /// Whom we trust, and the client certificate.
  package var security: TransportSecurity
  /// The files that parts of `security` came from; they are read again as they change.
  package var securityFiles: SecurityFiles
  /// The bearer token's source.
  package var credentials: Credentials
  /// The namespace to use where none is named.
  package var namespace: String
  /// Whether this is the configuration that a Pod is given.
  package var isInCluster: Bool
  /// Sent as `User-Agent`; made from the field manager's name when nil.
  package var userAgent: String?

  package init(
    scheme: String, authority: String, basePath: String = "", security: TransportSecurity = TransportSecurity(),
    credentials: Credentials = .none, namespace: String = "default"
  ) {
    self.scheme = scheme
    self.authority = authority
    self.basePath = basePath
    self.security = security
    self.credentials = credentials
    self.namespace = namespace
    self.securityFiles = SecurityFiles()
    self.isInCluster = false
    self.userAgent = nil
  }

  /// The configuration for an API server in the same process.
  package static var inProcess: ClientConfiguration {
    ClientConfiguration(scheme: "http", authority: "in-process")
  }

  /// Where the bearer token comes from.
  package enum Credentials: Sendable, Hashable {
    /// No token.
    case none
    /// A fixed token.
    case token(String)
    /// A file that is re-read as it rotates.
    case tokenFile(String)
    /// A program that gives a token or a client certificate.
    case plugin(CredentialPlugin)
  }

  /// Paths of PEM files, each nil if that part came from elsewhere.
  package struct SecurityFiles: Sendable, Hashable {
    /// The authority's certificates.
    package var certificateAuthority: String?
    /// The client's certificate.
    package var clientCertificate: String?
    /// The client's key.
    package var clientKey: String?

    package init(
      certificateAuthority: String? = nil, clientCertificate: String? = nil, clientKey: String? = nil
    ) {
      self.certificateAuthority = certificateAuthority
      self.clientCertificate = clientCertificate
      self.clientKey = clientKey
    }

    /// Whether no part came from a file.
    var isEmpty: Bool { self == SecurityFiles() }
  }
}

/// Why a configuration cannot be used.
///
/// The message names the file and the field.
package struct ConfigurationError: Error, Sendable, CustomStringConvertible {
  /// One sentence for a person.
  package var message: String
  package init(_ message: String) { self.message = message }
  package var description: String { self.message }
}

extension ClientConfiguration {
  /// Splits a server's URL.
  ///
  /// - Throws: ``ConfigurationError`` naming `origin` if it is not `http(s)://host[:port][/path]`.
  package init(server: String, origin: String) throws(ConfigurationError) {
    let scheme: String
    var rest: Substring
    if server.hasPrefix("https://") {
      scheme = "https"
      rest = server.dropFirst(8)
    } else if server.hasPrefix("http://") {
      scheme = "http"
      rest = server.dropFirst(7)
    } else {
      throw ConfigurationError("\(origin): '\(server)' does not begin with https:// or http://")
    }
    let authority = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
    rest = rest.dropFirst(authority.count)
    guard !authority.isEmpty, !authority.contains("@"), !rest.contains("?"), !rest.contains("#") else {
      throw ConfigurationError("\(origin): '\(server)' is not a URL of the form https://host:port")
    }
    while rest.last == "/" { rest.removeLast() }
    self.init(scheme: scheme, authority: String(authority), basePath: String(rest))
  }

  /// The configuration that a Pod is given: service account token, its CA, and the API server's address.
  ///
  /// - Parameter accountDirectory: Where the token is; nil for what ``ServiceAccountFolder`` finds.
  package static func inCluster(
    environment: [String: String], accountDirectory: String? = nil
  ) throws(ConfigurationError) -> ClientConfiguration {
    let accountDirectory = accountDirectory ?? ServiceAccountFolder.path(environment: environment)
    guard let host = environment["KUBERNETES_SERVICE_HOST"], let port = environment["KUBERNETES_SERVICE_PORT"],
      !host.isEmpty, !port.isEmpty
    else {
      throw ConfigurationError(
        "not in a cluster: KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set; name a kubeconfig with "
          + "--kubeconfig or KUBECONFIG")
    }
    var configuration = ClientConfiguration(scheme: "https", authority: "\(HostPort.bracketed(host)):\(port)")
    if let server = environment[ServiceAccountFolder.serverVariable], !server.isEmpty {
      configuration = try ClientConfiguration(server: server, origin: ServiceAccountFolder.serverVariable)
    }
    configuration.isInCluster = true
    if configuration.scheme == "https" {
      configuration.security.certificateAuthority = try ConfigurationFile.read("\(accountDirectory)/ca.crt")
      configuration.securityFiles.certificateAuthority = "\(accountDirectory)/ca.crt"
    }
    configuration.credentials = .tokenFile("\(accountDirectory)/token")
    _ = try ConfigurationFile.read("\(accountDirectory)/token")
    // The namespace file is absent outside of Pods; the default stands then.
    if let bytes = try? ConfigurationFile.read("\(accountDirectory)/namespace") {
      let name = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isWhitespace).first
      configuration.namespace = name.map(String.init) ?? "default"
    }
    return configuration
  }
}
