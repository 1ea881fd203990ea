import Cryptography
import FoundationEssentials
import HTTPTransport

/// Looks at certificates before anybody is asked with them, so that a fault is told of when an object is read.
enum TrustCheck {
  private static let bytes = 1 << 20

  /// Whom to trust and what to present.
  ///
  /// - Throws: ``WebhookFailure`` with reason `TLS` if no certificate of a bundle counts at `now`, or ours does not.
  static func trust(
    caBundle: String?, _ credentials: WebhookCredentials, now: Date
  ) throws(WebhookFailure) -> TransportSecurity {
    var security = TransportSecurity()
    if let caBundle {
      let pem = try Self.decode(caBundle)
      let bundle = try Self.bundle(pem, "the caBundle")
      let faults = bundle.faults(at: now)
      guard faults.count < bundle.certificates.count else {
        throw WebhookFailure(.tls, "the caBundle cannot be used: \(Excerpt.of(faults[0]))")
      }
      security.certificateAuthority = pem
    }
    guard credentials.clientCertificate != nil || credentials.clientKey != nil else { return security }
    guard let certificate = credentials.clientCertificate, let key = credentials.clientKey else {
      throw WebhookFailure(.tls, "a client certificate and its key must be given together")
    }
    // The first is ours; the rest lead from it to an authority.
    let chain = try Self.bundle(certificate, "the client certificate")
    if let fault = chain.faults(at: now).first {
      throw WebhookFailure(.tls, "the client certificate cannot be used: \(Excerpt.of(fault))")
    }
    security.clientCertificate = certificate
    security.clientKey = key
    return security
  }

  /// Every certificate of a bundle that does not count at `now`, though others may.
  static func faults(caBundle: String, now: Date) throws(WebhookFailure) -> [String] {
    try Self.bundle(try Self.decode(caBundle), "the caBundle").faults(at: now)
  }

  private static func decode(_ caBundle: String) throws(WebhookFailure) -> [UInt8] {
    guard caBundle.utf8.count <= 2 * Self.bytes,
      let data = Data(base64Encoded: caBundle, options: .ignoreUnknownCharacters), data.count <= Self.bytes
    else { throw WebhookFailure(.tls, "the caBundle is not the base64 form of PEM certificates") }
    return Array(data)
  }

  private static func bundle(_ pem: [UInt8], _ name: String) throws(WebhookFailure) -> CertificateBundle {
    do {
      return try CertificateBundle(pem: pem)
    } catch {
      throw WebhookFailure(.tls, "\(name) cannot be read: \(Excerpt.of(error.message))")
    }
  }
}
