import Cryptography
import FoundationEssentials
import KubernetesModel
import Testing

@testable import UmpireAdmission

@Suite struct WebhookRegistrationTests {
  private static let names: [AlternativeName] = [.dns("umpire-admission.umpire-system.svc"), .address("127.0.0.1")]
  private static let bundle = Array("-----BEGIN".utf8)
  private static let text = JSONValue.string(Data(Self.bundle).base64EncodedString())

  private func registration(
    _ clients: [JSONValue], annotations: [String: String]? = nil
  ) -> ValidatingWebhookConfiguration {
    ValidatingWebhookConfiguration(
      metadata: ObjectMeta(name: "umpire-controller", annotations: annotations),
      webhooks: clients.map { ["name": "validate.umpire.dev", "clientConfig": $0, "timeoutSeconds": 2] })
  }

  private static let own: JSONValue = [
    "service": ["name": "umpire-admission", "namespace": "umpire-system", "path": "/validate", "port": 443]
  ]

  @Test func theBundleIsWrittenWhereWeAreAsked() throws {
    let others: [JSONValue] = [
      ["service": ["name": "umpire-admission", "namespace": "elsewhere"]], ["url": "https://umpire.example/validate"],
      ["url": "https://"], [:],
    ]
    let before = self.registration([Self.own, ["url": "https://127.0.0.1:9443/validate"]] + others)
    let after = try #require(before.trusting(Self.bundle, for: Self.names))
    #expect(after.webhooks?.prefix(2).map { $0["clientConfig"]?["caBundle"] } == [Self.text, Self.text])
    #expect(after.webhooks?.dropFirst(2) == before.webhooks?.dropFirst(2))
    #expect(after.webhooks?.first?["timeoutSeconds"] == 2)
    #expect(after.webhooks?.first?["clientConfig"]?["service"] == Self.own["service"])
    #expect(after.trusting(Self.bundle, for: Self.names) == nil)
    let renewed = after.trusting(Array("other".utf8), for: Self.names)
    #expect(renewed?.webhooks?.first?["clientConfig"]?["caBundle"] != Self.text)
  }

  @Test func nothingIsWrittenWithoutAWebhookOfOurs() {
    #expect(self.registration([]).trusting(Self.bundle, for: Self.names) == nil)
    var empty = self.registration([])
    empty.webhooks = nil
    #expect(empty.trusting(Self.bundle, for: Self.names) == nil)
  }

  @Test(arguments: ["inject-ca-from", "inject-ca-from-secret", "inject-apiserver-ca"])
  func whatCertManagerWritesIsLeftToIt(annotation: String) {
    let registration = self.registration([Self.own], annotations: ["cert-manager.io/\(annotation)": "a/b"])
    #expect(registration.trusting(Self.bundle, for: Self.names) == nil)
    let other = self.registration([Self.own], annotations: ["cert-manager.io/other": "a/b"])
    #expect(other.trusting(Self.bundle, for: Self.names) != nil)
  }
}
