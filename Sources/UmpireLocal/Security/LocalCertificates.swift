import Cryptography
import FoundationEssentials
import Glibc
import ServerSupport

/// The authority of one instance, and the certificate that its API server shows.
///
/// They are kept in a folder: `authority.pem` and `server.pem` hold a key and its certificate, and `ca.crt` is what
/// clients are to trust.
struct LocalCertificates: Sendable {
  /// What clients are to trust, in PEM.
  let authority: [UInt8]
  /// What the server shows.
  let server: ServerCertificate

  /// The names by which clients know a server that listens on `host`.
  static func names(host: String) -> [AlternativeName] {
    let own = ["127.0.0.1", "::1", "localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc"]
    let unspecific = ["*", "0.0.0.0", "::"]
    return (own + ((own + unspecific).contains(host) ? [] : [host])).map(AlternativeName.init(host:))
  }

  private static let day: TimeInterval = 86_400
  private static let authorityLife = 3650 * Self.day
  private static let serverLife = 365 * Self.day

  /// Takes what the folder holds, and makes anew what is missing or past two thirds of its life.
  ///
  /// - Parameter host: What the server listens on.
  /// - Throws: ``LocalError`` if a file there is damaged, or the folder cannot be written.
  init(folder: String, host: String = "127.0.0.1", now: Date) throws(LocalError) {
    guard mkdir(folder, 0o700) == 0 || errno == EEXIST else {
      throw LocalError(.cannotCreate, "\(folder): the folder cannot be made: \(String(cString: strerror(errno)))")
    }
    let names = Self.names(host: host)
    do {
      let keptAuthority = try Self.read("\(folder)/authority.pem")
      let keptServer = try Self.read("\(folder)/server.pem")
      let renewal = CertificateRenewal.decide(
        authority: keptAuthority?.certificate, server: keptServer?.certificate, names: names, now: now)
      let authority: CertificateAuthority
      if let keptAuthority, renewal != .authorityAndServer {
        authority = try CertificateAuthority(certificate: keptAuthority.certificate, key: keptAuthority.key)
      } else {
        authority = try CertificateAuthority(
          commonName: "umpire-local", validity: CertificateLife.validity(Self.authorityLife, from: now))
        try Self.write(authority.certificate, authority.key, to: "\(folder)/authority.pem")
      }
      let server: IssuedCertificate
      if let keptServer, renewal == .none {
        server = keptServer
      } else {
        server = try authority.issue(
          commonName: "umpire-local-api", names: names,
          validity: CertificateLife.validity(Self.serverLife, from: now))
        try Self.write(server.certificate, server.key, to: "\(folder)/server.pem")
      }
      self.authority = try authority.certificate.pem()
      self.server = ServerCertificate(chain: try server.certificate.pem(), key: server.key.pem)
      try LocalFile.write(self.authority, to: "\(folder)/ca.crt")
    } catch let error as LocalError {
      throw error
    } catch let error as CryptographyError where error.code == .mismatch {
      throw Self.damaged("\(folder)/authority.pem", error)
    } catch {
      throw LocalError(.software, "no certificate: \(error)")
    }
  }

  private static func read(_ path: String) throws(LocalError) -> IssuedCertificate? {
    guard let bytes = try LocalFile.read(path) else { return nil }
    do throws(CryptographyError) {
      let certificate = try CertificateBundle(pem: bytes).certificates[0]
      let key = try PrivateKey(pem: bytes)
      guard certificate.matches(key) else {
        throw CryptographyError(.mismatch, "the key is not that of the certificate")
      }
      return IssuedCertificate(certificate: certificate, key: key)
    } catch {
      throw Self.damaged(path, error)
    }
  }

  private static func write(_ certificate: Certificate, _ key: PrivateKey, to path: String) throws {
    try LocalFile.write(key.pem + certificate.pem(), to: path)
  }

  private static func damaged(_ path: String, _ error: CryptographyError) -> LocalError {
    LocalError(.badData, "\(path): \(error.message); remove it to have a new one made")
  }
}
