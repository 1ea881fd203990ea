import FoundationEssentials

/// Texts that look like certificates as far as their form goes.
package enum CertificateSamples {
  /// A sequence of ASN.1 with 300 bytes in it.
  package static let body: [UInt8] = [0x30, 0x82, 0x01, 0x2C] + [UInt8](repeating: 7, count: 300)

  /// A block of PEM.
  package static func block(_ label: String = "CERTIFICATE", _ body: [UInt8] = Self.body) -> String {
    let text = Data(body).base64EncodedString()
    return "-----BEGIN \(label)-----\n\(text.prefix(64))\n\(text.dropFirst(64))\n-----END \(label)-----\n"
  }

  /// A text as `caBundle` holds it.
  package static func bundle(_ pem: String) -> String { Data(pem.utf8).base64EncodedString() }

  /// A bundle of one certificate.
  package static let bundle = Self.bundle(Self.block())
}
