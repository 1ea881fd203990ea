import FoundationEssentials
package import HTTPTransport
package import UmpireModel

/// Where a webhook is, how it is authenticated and how long it may take.
package struct WebhookEndpoint: Sendable, Hashable {
  /// What to connect to.
  package var destination: Destination
  /// Whether TLS is spoken.
  package var isSecure: Bool
  /// The path and the query; starts with one `/`.
  package var path: String
  /// The authority to trust, the name to check and the certificate to present.
  package var security: TransportSecurity
  /// The deadline of a whole exchange, 1–30 s.
  package var timeout: Duration

  /// What to connect to.
  package enum Destination: Sendable, Hashable {
    /// `host` or `host:port`.
    case authority(String)
    /// A Service, whose address a ``ServiceAddressResolver`` finds.
    case service(ServiceIdentity)
  }
}

extension WebhookEndpoint {
  /// Resolves a webhook's configuration.
  ///
  /// A Service is asked over https if there is a caBundle, else over http; a URL by its scheme.
  ///
  /// - Parameter namespace: where a Service is looked for that names no namespace.
  /// - Throws: ``WebhookFailure`` with reason `Refused` or `TLS` for what can never be asked.
  package init(
    _ configuration: WebhookClientConfig, namespace: String, timeoutSeconds: Int64
  ) throws(WebhookFailure) {
    try self.init(
      url: configuration.url, path: nil, service: configuration.service, caBundle: configuration.caBundle,
      namespace: namespace, timeoutSeconds: timeoutSeconds)
  }

  /// Resolves an autoscaler's inline endpoint.
  ///
  /// - Parameter namespace: where a Service is looked for that names no namespace.
  /// - Throws: ``WebhookFailure`` with reason `Refused` or `TLS` for what can never be asked.
  package init(_ endpoint: ScalingEndpoint, namespace: String) throws(WebhookFailure) {
    try self.init(
      url: endpoint.url, path: endpoint.path, service: endpoint.service, caBundle: endpoint.caBundle,
      namespace: namespace, timeoutSeconds: endpoint.timeoutSeconds)
  }

  private init(
    url: String?, path: String?, service: ServiceReference?, caBundle: String?, namespace: String, timeoutSeconds: Int64
  ) throws(WebhookFailure) {
    self.security = TransportSecurity()
    self.security.certificateAuthority = try Self.certificates(caBundle)
    self.timeout = .seconds(min(max(timeoutSeconds, 1), 30))
    switch (url, service) {
    case (nil, nil):
      throw WebhookFailure(.refused, "neither a url nor a service is given")
    case (_?, _?):
      throw WebhookFailure(.refused, "both a url and a service are given")
    case (let url?, nil):
      let parts = try URLParts(url)
      self.isSecure = parts.isSecure
      self.destination = .authority(parts.authority)
      self.path = try Self.cleaned(Self.joined(parts.path, path))
    case (nil, let service?):
      let identity = try ServiceIdentity(service, namespace: namespace)
      self.isSecure = caBundle != nil
      self.destination = .service(identity)
      self.path = try Self.cleaned(Self.joined(service.path ?? "", path))
      // Wherever the connection goes, the certificate is the Service's.
      if self.isSecure { self.security.serverName = identity.hostName }
    }
  }

  private static func certificates(_ caBundle: String?) throws(WebhookFailure) -> [UInt8]? {
    guard let caBundle else { return nil }
    guard let data = Data(base64Encoded: caBundle, options: .ignoreUnknownCharacters),
      String(decoding: data, as: UTF8.self).contains("-----BEGIN CERTIFICATE-----")
    else {
      throw WebhookFailure(.tls, "the caBundle is not the base64 form of PEM certificates")
    }
    return Array(data)
  }

  /// Puts `path` behind `base`, before whose query, if any, it belongs.
  private static func joined(_ base: String, _ path: String?) -> String {
    guard let path, !path.isEmpty else { return base }
    let query = base.firstIndex(of: "?") ?? base.endIndex
    return base[..<query] + "/" + path + base[query...]
  }

  /// The path with one slash where there were several or none at its start, so that no server sees `//scale`.
  private static func cleaned(_ path: String) throws(WebhookFailure) -> String {
    let query = path.firstIndex(of: "?") ?? path.endIndex
    let names = path[..<query].split(separator: "/", omittingEmptySubsequences: true)
    let endsInSlash = path[..<query].last == "/" && !names.isEmpty
    let cleaned = "/" + names.joined(separator: "/") + (endsInSlash ? "/" : "") + path[query...]
    guard cleaned.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "#") }) else {
      throw WebhookFailure(.refused, "the path has characters that a URL cannot hold")
    }
    return cleaned
  }
}

/// A URL taken apart: scheme, authority, and the rest.
private struct URLParts {
  var isSecure: Bool
  var authority: String
  var path: String

  init(_ url: String) throws(WebhookFailure) {
    guard let separator = url.firstRange(of: "://") else {
      throw WebhookFailure(.refused, "the url has no scheme")
    }
    switch url[..<separator.lowerBound].lowercased() {
    case "https": self.isSecure = true
    case "http": self.isSecure = false
    default: throw WebhookFailure(.refused, "the url's scheme is neither http nor https")
    }
    let rest = url[separator.upperBound...]
    let end = rest.firstIndex { $0 == "/" || $0 == "?" || $0 == "#" } ?? rest.endIndex
    self.authority = String(rest[..<end])
    self.path = String(rest[end...])
    guard !self.authority.isEmpty else { throw WebhookFailure(.refused, "the url has no host") }
    guard !self.authority.contains("@") else {
      throw WebhookFailure(.refused, "the url has a user name or a password in it")
    }
    guard self.authority.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
      throw WebhookFailure(.refused, "the url's host has characters that a host cannot have")
    }
  }
}
