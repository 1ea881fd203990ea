package import Cryptography
package import FoundationEssentials
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
  /// The secrets that sign what is sent; none for no signature.
  package var signingSecrets: [WebhookSecret]
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
  /// - Parameters:
  ///   - namespace: where a Service is looked for that names no namespace.
  ///   - now: the time at which certificates must count.
  /// - Throws: ``WebhookFailure`` with reason `Refused` or `TLS` for what can never be asked.
  package init(
    _ configuration: WebhookClientConfig, namespace: String, timeoutSeconds: Int64,
    credentials: WebhookCredentials = WebhookCredentials(), now: Date = Date()
  ) throws(WebhookFailure) {
    let trust = try TrustCheck.trust(caBundle: configuration.caBundle, credentials, now: now)
    self = try Self.resolve(
      Reference(url: configuration.url, service: configuration.service), namespace: namespace,
      trust, timeoutSeconds: timeoutSeconds)
    self.signingSecrets = credentials.signingSecrets
  }

  /// Resolves an autoscaler's inline endpoint.
  ///
  /// - Parameters:
  ///   - namespace: where a Service is looked for that names no namespace.
  ///   - now: the time at which certificates must count.
  /// - Throws: ``WebhookFailure`` with reason `Refused` or `TLS` for what can never be asked.
  package init(_ endpoint: ScalingEndpoint, namespace: String, now: Date = Date()) throws(WebhookFailure) {
    let trust = try TrustCheck.trust(caBundle: endpoint.caBundle, WebhookCredentials(), now: now)
    self = try Self.resolve(
      Reference(url: endpoint.url, path: endpoint.path, service: endpoint.service), namespace: namespace, trust,
      timeoutSeconds: endpoint.timeoutSeconds)
  }

  private struct Reference {
    var url: String?
    var path: String?
    var service: ServiceReference?
  }

  private static func resolve(
    _ reference: Reference, namespace: String, _ trust: TransportSecurity, timeoutSeconds: Int64
  ) throws(WebhookFailure) -> WebhookEndpoint {
    var endpoint: WebhookEndpoint
    let timeout = Duration.seconds(min(max(timeoutSeconds, 1), 30))
    switch (reference.url, reference.service) {
    case (nil, nil):
      throw WebhookFailure(.refused, "neither a url nor a service is given")
    case (_?, _?):
      throw WebhookFailure(.refused, "both a url and a service are given")
    case (let url?, nil):
      let parts = try URLParts(url)
      let path = try Self.cleaned(Self.joined(parts.path, reference.path))
      endpoint = WebhookEndpoint(
        destination: .authority(parts.authority), isSecure: parts.isSecure, path: path, security: trust,
        signingSecrets: [], timeout: timeout)
    case (nil, let service?):
      let path = try Self.cleaned(Self.joined(service.path ?? "", reference.path))
      let identity = try ServiceIdentity(service, namespace: namespace)
      endpoint = WebhookEndpoint(
        destination: .service(identity), isSecure: trust.certificateAuthority != nil, path: path, security: trust,
        signingSecrets: [], timeout: timeout)
      // Wherever the connection goes, the certificate is the Service's.
      if endpoint.isSecure { endpoint.security.serverName = identity.hostName }
    }
    guard endpoint.isSecure || trust.clientCertificate == nil else {
      throw WebhookFailure(.refused, "a client certificate is given, but the endpoint does not speak TLS")
    }
    return endpoint
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
