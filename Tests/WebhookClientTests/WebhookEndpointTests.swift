import Cryptography
import FoundationEssentials
import HTTPTransport
import Testing
import UmpireModel

@testable import WebhookClient

struct WebhookEndpointTests {
  private let certificate: [UInt8]
  private var caBundle: String { Data(self.certificate).base64EncodedString() }

  init() throws {
    let now = Date()
    let validity = now.addingTimeInterval(-3600)...now.addingTimeInterval(3600)
    self.certificate = try CertificateAuthority(commonName: "Studio", validity: validity).certificate.pem()
  }

  private func endpoint(_ configuration: WebhookClientConfig) throws(WebhookFailure) -> WebhookEndpoint {
    try WebhookEndpoint(configuration, namespace: "games", timeoutSeconds: 15)
  }

  @Test func aServiceHasDefaults() throws {
    let endpoint = try self.endpoint(WebhookClientConfig(service: ServiceReference(name: "decider")))
    #expect(endpoint.destination == .service(ServiceIdentity(name: "decider", namespace: "games", port: 8000)))
    #expect(!endpoint.isSecure)
    #expect(endpoint.path == "/")
    #expect(endpoint.timeout == .seconds(15))
    #expect(endpoint.security == TransportSecurity())
  }

  @Test func aServiceWithABundleIsSecure() throws {
    let reference = ServiceReference(name: "decider", namespace: "studio", path: "scale", port: 443)
    let endpoint = try self.endpoint(WebhookClientConfig(service: reference, caBundle: self.caBundle))
    #expect(endpoint.isSecure)
    #expect(endpoint.security.serverName == "decider.studio.svc")
    #expect(endpoint.security.certificateAuthority == self.certificate)
    #expect(endpoint.path == "/scale")
  }

  @Test func theClusterKnowsAServiceByItsName() async throws {
    let address = try await ClusterServiceAddressResolver().address(
      of: ServiceIdentity(name: "decider", namespace: "studio", port: 8000))
    #expect(address == HostPort(host: "decider.studio.svc", port: 8000))
  }

  @Test(arguments: [
    ("http://host/scale", false, "host", "/scale"), ("https://host:8443", true, "host:8443", "/"),
    ("HTTPS://host/a//b", true, "host", "/a/b"), ("http://host//scale", false, "host", "/scale"),
    ("http://host/a/?x=//y", false, "host", "/a/?x=//y"), ("http://host?x=1", false, "host", "/?x=1"),
    ("http://[::1]:80/", false, "[::1]:80", "/"),
  ])
  func urlsAreTakenApart(url: String, isSecure: Bool, authority: String, path: String) throws {
    let endpoint = try self.endpoint(WebhookClientConfig(url: url))
    #expect(endpoint.isSecure == isSecure)
    #expect(endpoint.destination == .authority(authority))
    #expect(endpoint.path == path)
    #expect(endpoint.security.serverName == nil)
  }

  @Test(
    arguments: [
      (nil, "/"), ("", "/"), ("scale", "/scale"), ("/scale", "/scale"), ("//scale", "/scale"), ("/a//b/", "/a/b/"),
      ("scale?x=1", "/scale?x=1"),
    ] as [(String?, String)])
  func pathsOfServicesAreCleaned(path: String?, expected: String) throws {
    let configuration = WebhookClientConfig(service: ServiceReference(name: "decider", path: path))
    #expect(try self.endpoint(configuration).path == expected)
  }

  @Test(
    arguments: [
      ("http://host", "/scale", "/scale"), ("http://host/", "/scale", "/scale"), ("http://host/a", "scale", "/a/scale"),
      ("http://host/a?x=1", "scale", "/a/scale?x=1"), ("http://host/a", nil, "/a"),
    ] as [(String, String?, String)])
  func anInlineEndpointMayHaveItsPathApart(url: String, path: String?, expected: String) throws {
    let endpoint = try WebhookEndpoint(ScalingEndpoint(url: url, path: path), namespace: "games")
    #expect(endpoint.path == expected)
    #expect(endpoint.destination == .authority("host"))
  }

  @Test(arguments: [
    WebhookClientConfig(), WebhookClientConfig(url: "http://host", service: ServiceReference(name: "decider")),
    WebhookClientConfig(url: ""), WebhookClientConfig(url: "host/path"), WebhookClientConfig(url: "ftp://host"),
    WebhookClientConfig(url: "http://"), WebhookClientConfig(url: "http:///path"),
    WebhookClientConfig(url: "http://me:secret@host/"), WebhookClientConfig(url: "http://ho st/"),
    WebhookClientConfig(url: "http://host/a b"), WebhookClientConfig(url: "http://host/a#b"),
    WebhookClientConfig(url: "http://host/é"), WebhookClientConfig(service: ServiceReference(name: "")),
    WebhookClientConfig(service: ServiceReference(name: "evil.example.com/")),
    WebhookClientConfig(service: ServiceReference(name: "decider", namespace: "a.b")),
    WebhookClientConfig(service: ServiceReference(name: "decider", port: 0)),
    WebhookClientConfig(service: ServiceReference(name: "decider", port: 65536)),
    WebhookClientConfig(service: ServiceReference(name: "decider", port: -1)),
    WebhookClientConfig(service: ServiceReference(name: "decider", path: "a b")),
  ])
  func whatCannotBeAskedIsRefused(_ configuration: WebhookClientConfig) {
    #expect {
      try self.endpoint(configuration)
    } throws: { error in
      guard let failure = error as? WebhookFailure else { return false }
      return failure.reason == .refused && !failure.message.contains("secret")
    }
  }

  @Test(arguments: ["", "not base64!", "bm8gY2VydGlmaWNhdGU="])
  func aBundleMustHoldCertificates(_ caBundle: String) {
    let configuration = WebhookClientConfig(service: ServiceReference(name: "decider"), caBundle: caBundle)
    #expect { try self.endpoint(configuration) } throws: { ($0 as? WebhookFailure)?.reason == .tls }
  }

  @Test func theDeadlineHasBounds() throws {
    let configuration = WebhookClientConfig(url: "http://host")
    for (seconds, expected) in [(-5, 1), (0, 1), (30, 30), (Int64.max, 30)] as [(Int64, Int64)] {
      let endpoint = try WebhookEndpoint(configuration, namespace: "games", timeoutSeconds: seconds)
      #expect(endpoint.timeout == .seconds(expected))
    }
  }
}
