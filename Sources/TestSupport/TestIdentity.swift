import Cryptography
package import FoundationEssentials

/// An authority, and a certificate of it for one host that serves and asks.
package struct TestIdentity: Sendable {
  /// The authority's certificate, PEM.
  package let authority: [UInt8]
  /// The certificate, PEM.
  package let chain: [UInt8]
  /// Its key, PEM.
  package let key: [UInt8]

  package init(host: String = "127.0.0.1", now: Date = Date()) throws {
    let validity = now.addingTimeInterval(-60)...now.addingTimeInterval(3600)
    let authority = try CertificateAuthority(commonName: "Test CA", validity: validity)
    let issued = try authority.issue(
      commonName: "test", names: [AlternativeName(host: host)], usages: [.server, .client], validity: validity)
    self.authority = try authority.certificate.pem()
    self.chain = try issued.certificate.pem()
    self.key = issued.key.pem
  }
}
