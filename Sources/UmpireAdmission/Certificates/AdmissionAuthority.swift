import Cryptography
import FoundationEssentials
import KubernetesModel

/// Who signs the certificates that admission shows, and whose are accepted.
struct AdmissionAuthority: Sendable {
  /// The authority's certificate, in its Secret.
  static let certificateField = "tls.crt"
  /// The authority's key, in its Secret.
  static let keyField = "tls.key"
  /// Every certificate that is accepted, in its Secret.
  static let bundleField = "ca.crt"

  /// Who signs.
  let authority: CertificateAuthority
  /// What a caBundle holds: the authority's own certificate first, then those of former authorities.
  let trusted: [Certificate]

  /// Puts an authority before others that are accepted besides.
  init(_ authority: CertificateAuthority, trusting others: [Certificate] = []) {
    self.authority = authority
    self.trusted = [authority.certificate] + others.filter { $0 != authority.certificate }
  }

  /// Reads the data of a Secret.
  ///
  /// - Throws: ``CryptographyError`` if the authority's certificate or key is missing, cannot be read, or one is not the
  ///   other's.
  init(data: [String: String]) throws(CryptographyError) {
    guard let certificate = Self.certificates(in: data, Self.certificateField).first,
      let key = data[Self.keyField].flatMap({ Data(base64Encoded: $0) })
    else { throw CryptographyError(.malformed, "there is no certificate, or no key") }
    let authority = try CertificateAuthority(certificate: certificate, key: try PrivateKey(pem: Array(key)))
    self.init(authority, trusting: Self.certificates(in: data, Self.bundleField))
  }

  /// The certificates of a field; none if it cannot be read.
  static func certificates(in data: [String: String], _ field: String) -> [Certificate] {
    guard let pem = data[field].flatMap({ Data(base64Encoded: $0) }) else { return [] }
    // What cannot be read vouches for nobody.
    return (try? Certificate.parse(pem: Array(pem))) ?? []
  }

  /// The data of a Secret of the type `kubernetes.io/tls`.
  ///
  /// - Throws: ``CryptographyError`` if the library fails.
  func data() throws(CryptographyError) -> [String: String] {
    [
      Self.certificateField: Data(try self.authority.certificate.pem()).base64EncodedString(),
      Self.keyField: Data(self.authority.key.pem).base64EncodedString(),
      Self.bundleField: Data(try self.bundle()).base64EncodedString(),
    ]
  }

  /// What clients are to trust, in PEM.
  ///
  /// - Throws: ``CryptographyError`` if the library fails.
  func bundle() throws(CryptographyError) -> [UInt8] {
    var bundle: [UInt8] = []
    for certificate in self.trusted { bundle += try certificate.pem() }
    return bundle
  }
}
