package import FoundationEssentials

/// Certificates that are trusted: what a `caBundle` holds.
package struct CertificateBundle: Sendable, Hashable {
  /// At least one, in the order of the file.
  package let certificates: [Certificate]

  /// - Parameter pem: at most 1 MiB.
  /// - Throws: ``CryptographyError`` if there is no certificate, or one cannot be read.
  package init(pem: [UInt8]) throws(CryptographyError) {
    self.certificates = try Certificate.parse(pem: pem)
  }

  /// What is wrong with the dates, a sentence for each certificate that does not count at `now`.
  ///
  /// Each names the subject and the date.
  package func faults(at now: Date) -> [String] {
    self.certificates.compactMap { certificate in
      if certificate.notAfter < now {
        return "the certificate of \(certificate.subject) expired on \(Self.text(certificate.notAfter))"
      }
      if certificate.notBefore > now {
        return "the certificate of \(certificate.subject) is not valid before \(Self.text(certificate.notBefore))"
      }
      return nil
    }
  }

  private static func text(_ date: Date) -> String { date.formatted(.iso8601) }
}
