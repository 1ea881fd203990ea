import COpenSSL
package import FoundationEssentials

/// A certificate that signs others, and its key.
package struct CertificateAuthority: Sendable {
  /// Its own certificate, which is what clients trust.
  package let certificate: Certificate
  /// What it signs with.
  package let key: PrivateKey

  /// A new authority that vouches for itself.
  ///
  /// - Parameters:
  ///   - commonName: 1 to 64 characters.
  ///   - validity: from when until when it counts.
  /// - Throws: ``CryptographyError``.
  package init(commonName: String, validity: ClosedRange<Date>) throws(CryptographyError) {
    let key = try PrivateKey()
    self.certificate = try CertificateBuilder(
      subject: commonName, validity: validity,
      extensions: [
        .init(identifier: NID_basic_constraints, value: "critical,CA:TRUE,pathlen:0"),
        .init(identifier: NID_key_usage, value: "critical,keyCertSign,cRLSign"),
        .init(identifier: NID_subject_key_identifier, value: "hash"),
      ]
    ).sign(subjectKey: key, issuer: nil, issuerKey: key)
    self.key = key
  }

  /// An authority that was kept.
  ///
  /// - Throws: ``CryptographyError`` if the parts do not belong together, or the certificate may not sign.
  package init(certificate: Certificate, key: PrivateKey) throws(CryptographyError) {
    guard certificate.isCertificateAuthority else {
      throw CryptographyError(.mismatch, "the certificate of \(certificate.subject) may not sign others")
    }
    guard certificate.matches(key) else {
      throw CryptographyError(.mismatch, "the key is not that of the certificate of \(certificate.subject)")
    }
    self.certificate = certificate
    self.key = key
  }

  /// What a certificate is for.
  package enum Usage: Sendable, Hashable {
    /// A server shows it.
    case server
    /// A client shows it.
    case client

    fileprivate var extendedKeyUsage: String {
      switch self {
      case .server: "serverAuth"
      case .client: "clientAuth"
      }
    }
  }

  /// A new key and a certificate for it.
  ///
  /// - Parameters:
  ///   - commonName: 1 to 64 characters.
  ///   - names: what a server is reached by; may be empty for a client.
  ///   - usages: at least one.
  ///   - validity: from when until when it counts.
  /// - Throws: ``CryptographyError``.
  package func issue(
    commonName: String, names: [AlternativeName], usages: [Usage] = [.server], validity: ClosedRange<Date>
  ) throws(CryptographyError) -> IssuedCertificate {
    guard !usages.isEmpty else { throw CryptographyError(.invalidArgument, "a certificate without a usage") }
    let key = try PrivateKey()
    var builder = CertificateBuilder(
      subject: commonName, validity: validity,
      extensions: [
        .init(identifier: NID_basic_constraints, value: "critical,CA:FALSE"),
        .init(identifier: NID_key_usage, value: "critical,digitalSignature"),
        .init(identifier: NID_ext_key_usage, value: usages.map(\.extendedKeyUsage).joined(separator: ",")),
        .init(identifier: NID_subject_key_identifier, value: "hash"),
        .init(identifier: NID_authority_key_identifier, value: "keyid:always"),
      ])
    builder.names = names
    let certificate = try builder.sign(subjectKey: key, issuer: self.certificate, issuerKey: self.key)
    return IssuedCertificate(certificate: certificate, key: key)
  }
}

/// A certificate and its key.
package struct IssuedCertificate: Sendable {
  /// What is shown to the other side.
  package let certificate: Certificate
  /// What proves it.
  package let key: PrivateKey

  /// Creates a pair, unchecked.
  package init(certificate: Certificate, key: PrivateKey) {
    self.certificate = certificate
    self.key = key
  }
}
