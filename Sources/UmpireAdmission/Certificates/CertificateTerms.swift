import Cryptography
package import FoundationEssentials

/// How long the certificates last that admission makes, and what they stand for.
package struct CertificateTerms: Sendable, Hashable {
  private static let day: TimeInterval = 86_400

  /// What the server is reached by; at least one.
  package var names: [String]
  /// How long an authority lasts, in seconds.
  package var authorityLife: TimeInterval
  /// How long a certificate lasts that a process shows, in seconds.
  package var servingLife: TimeInterval

  /// Creates terms: a year for the authority, and a month for what it signs.
  package init(names: [String]) {
    self.names = names
    self.authorityLife = 365 * Self.day
    self.servingLife = 30 * Self.day
  }

  /// The names of a Service, as kube-apiserver and others in the cluster use them.
  package static func names(ofService service: String, namespace: String) -> [String] {
    ["\(service).\(namespace).svc", "\(service).\(namespace).svc.cluster.local", "\(service).\(namespace)", service]
  }

  var alternativeNames: [AlternativeName] { self.names.map(AlternativeName.init(host:)) }

  /// A new authority.
  ///
  /// - Throws: ``CryptographyError`` if there is no entropy.
  func makeAuthority(trusting former: [Certificate], now: Date) throws(CryptographyError) -> AdmissionAuthority {
    AdmissionAuthority(
      try CertificateAuthority(
        commonName: "umpire-admission-authority", validity: CertificateLife.validity(self.authorityLife, from: now)),
      trusting: former)
  }

  /// A new certificate to show, which never outlives its authority.
  ///
  /// - Throws: ``CryptographyError`` if there is no entropy, or a name is none.
  func issue(by authority: AdmissionAuthority, now: Date) throws(CryptographyError) -> IssuedCertificate {
    let validity = CertificateLife.validity(self.servingLife, from: now)
    let end = min(validity.upperBound, authority.authority.certificate.notAfter)
    return try authority.authority.issue(
      commonName: "umpire-admission", names: self.alternativeNames, validity: min(validity.lowerBound, end)...end)
  }
}
