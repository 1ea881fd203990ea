import Cryptography
import FoundationEssentials
import HTTPTransport
import KubernetesModel
import Testing
import UmpireModel

@testable import WebhookClient

struct TrustCheckTests {
  private static let now = Date(timeIntervalSince1970: 1_700_000_000)
  private static let day: TimeInterval = 86_400

  /// An authority that counts from `days` after now for ten days.
  private func authority(_ name: String, from days: Double) throws -> CertificateAuthority {
    let start = Self.now.addingTimeInterval(days * Self.day)
    return try CertificateAuthority(commonName: name, validity: start...start.addingTimeInterval(10 * Self.day))
  }

  private func configuration(_ pem: [UInt8]) -> WebhookClientConfig {
    WebhookClientConfig(service: ServiceReference(name: "decider"), caBundle: Data(pem).base64EncodedString())
  }

  private func endpoint(
    _ configuration: WebhookClientConfig, _ credentials: WebhookCredentials = WebhookCredentials()
  ) throws(WebhookFailure) -> WebhookEndpoint {
    try WebhookEndpoint(
      configuration, namespace: "games", timeoutSeconds: 5, credentials: credentials, now: Self.now)
  }

  @Test func anExpiredBundleIsToldOfWithSubjectAndDate() throws {
    let old = try self.authority("Studio", from: -11).certificate.pem()
    #expect(
      throws: WebhookFailure(
        .tls, "the caBundle cannot be used: the certificate of CN=Studio expired on 2023-11-13T22:13:20Z")
    ) { try self.endpoint(self.configuration(old)) }
    let early = try self.authority("Studio", from: 2).certificate.pem()
    #expect(
      throws: WebhookFailure(
        .tls, "the caBundle cannot be used: the certificate of CN=Studio is not valid before 2023-11-16T22:13:20Z")
    ) { try self.endpoint(self.configuration(early)) }
  }

  @Test func oneGoodCertificateOfSeveralIsEnough() throws {
    let old = try self.authority("Old", from: -11).certificate.pem()
    let new = try self.authority("New", from: -1).certificate.pem()
    let endpoint = try self.endpoint(self.configuration(old + new))
    #expect(endpoint.security.certificateAuthority == old + new)

    var webhook = Webhook(name: "w", type: .readiness, clientConfig: self.configuration(old + new))
    webhook.timeoutSeconds = 5
    let object = WebhookConfiguration(metadata: ObjectMeta(name: "hooks", namespace: "games"), webhooks: [webhook])
    #expect(
      object.faults(at: Self.now) == [
        WebhookFault(
          webhook: "w",
          failure: WebhookFailure(.tls, "the certificate of CN=Old expired on 2023-11-13T22:13:20Z"), canBeAsked: true)
      ])
  }

  @Test func anObjectIsCheckedWithoutAsking() throws {
    let good = self.configuration(try self.authority("New", from: -1).certificate.pem())
    let object = WebhookConfiguration(
      metadata: ObjectMeta(name: "hooks", namespace: "games"),
      webhooks: [
        Webhook(name: "good", type: .readiness, clientConfig: good),
        Webhook(name: "nowhere", type: .readiness, clientConfig: WebhookClientConfig()),
        Webhook(
          name: "garbage", type: .deletable,
          clientConfig: WebhookClientConfig(url: "https://host", caBundle: "bm8gY2VydGlmaWNhdGU=")),
      ])
    let faults = object.faults(at: Self.now)
    #expect(faults.map(\.webhook) == ["nowhere", "garbage"])
    #expect(faults.map(\.failure.reason) == [.refused, .tls])
    #expect(faults.allSatisfy { !$0.canBeAsked })
    #expect(faults.last?.failure.message.contains("-----BEGIN CERTIFICATE-----") == true)
  }

  @Test func clientCertificatesAreChecked() throws {
    let authority = try self.authority("Studio", from: -1)
    let bundle = self.configuration(try authority.certificate.pem())
    let until = Self.now.addingTimeInterval(Self.day)
    let issued = try authority.issue(
      commonName: "umpire", names: [], usages: [.client], validity: Self.now.addingTimeInterval(-Self.day)...until)
    let certificate = try issued.certificate.pem()
    let whole = WebhookCredentials(clientCertificate: certificate, clientKey: issued.key.pem)
    let endpoint = try self.endpoint(bundle, whole)
    #expect(endpoint.security.clientCertificate == certificate)
    #expect(endpoint.security.clientKey == issued.key.pem)

    #expect(throws: WebhookFailure(.tls, "a client certificate and its key must be given together")) {
      try self.endpoint(bundle, WebhookCredentials(clientCertificate: certificate))
    }
    #expect(throws: WebhookFailure.self) {
      try self.endpoint(bundle, WebhookCredentials(clientCertificate: Array("no".utf8), clientKey: issued.key.pem))
    }
    #expect(throws: WebhookFailure.self) {
      try WebhookEndpoint(
        bundle, namespace: "games", timeoutSeconds: 5, credentials: whole, now: until.addingTimeInterval(1))
    }
    // A certificate that would never be shown is a mistake.
    #expect(
      throws: WebhookFailure(.refused, "a client certificate is given, but the endpoint does not speak TLS")
    ) { try self.endpoint(WebhookClientConfig(url: "http://host"), whole) }
  }

  @Test func credentialsDoNotDescribeThemselves() throws {
    let secret = try WebhookSecret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    let issued = try self.authority("Studio", from: -1)
    let credentials = WebhookCredentials(
      signingSecrets: [secret], clientCertificate: try issued.certificate.pem(), clientKey: issued.key.pem)
    let configuration = self.configuration(try issued.certificate.pem())
    let endpoint = try self.endpoint(configuration, credentials)
    #expect(endpoint.signingSecrets == [secret])
    var dumped = ""
    dump(endpoint, to: &dumped)
    dump(credentials, to: &dumped)
    let key = "\(issued.key.pem[40]), \(issued.key.pem[41])"
    let texts = [
      "\(credentials)", "\(endpoint)", String(reflecting: credentials), String(reflecting: endpoint), dumped,
    ]
    for text in texts {
      #expect(!text.contains("MfKQ9r8"))
      #expect(!text.contains("PRIVATE KEY"))
      #expect(!text.contains(key))
    }
  }
}
