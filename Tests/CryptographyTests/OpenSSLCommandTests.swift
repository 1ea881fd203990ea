import FoundationEssentials
import Subprocess
import Testing

@testable import Cryptography

/// What the `openssl` command says about what we make.
struct OpenSSLCommandTests {
  private static let now = Date()
  private static let validity = Self.now.addingTimeInterval(-60)...Self.now.addingTimeInterval(86_400)

  @Test func verifiesAServingCertificate() async throws {
    try await Self.withFolder { folder in
      let authority = try CertificateAuthority(commonName: "Studio CA", validity: Self.validity)
      let issued = try authority.issue(
        commonName: "api", names: [.dns("api.example"), .address("127.0.0.1")], usages: [.server, .client],
        validity: Self.validity)
      try Data(authority.certificate.pem()).write(to: folder.appending(path: "ca.pem"))
      try Data(issued.certificate.pem()).write(to: folder.appending(path: "api.pem"))
      let file = folder.appending(path: "api.pem").path
      let trusted = folder.appending(path: "ca.pem").path
      let verify = ["verify", "-x509_strict", "-CAfile", trusted]
      #expect(try await Self.openssl(verify + ["-verify_ip", "127.0.0.1", file]) == "\(file): OK\n")
      #expect(
        try await Self.openssl(verify + ["-verify_hostname", "api.example", "-purpose", "sslserver", file])
          == "\(file): OK\n")
      #expect(try await Self.openssl(verify + ["-verify_hostname", "other.example", file]) == nil)
      let other = try CertificateAuthority(commonName: "Studio CA", validity: Self.validity)
      try Data(other.certificate.pem()).write(to: folder.appending(path: "ca.pem"))
      #expect(try await Self.openssl(verify + [file]) == nil)
    }
  }

  @Test func readsWhatACertificateSays() async throws {
    try await Self.withFolder { folder in
      let authority = try CertificateAuthority(commonName: "Studio CA", validity: Self.validity)
      let issued = try authority.issue(
        commonName: "api", names: [.dns("api.example"), .address("::1")], validity: Self.validity)
      for (name, certificate) in [("ca", authority.certificate), ("api", issued.certificate)] {
        try Data(certificate.pem()).write(to: folder.appending(path: name))
      }
      let own = try await Self.text(of: folder.appending(path: "ca"))
      for expected in [
        "Version: 3", "CA:TRUE, pathlen:0", "Certificate Sign, CRL Sign", "Subject Key Identifier", "prime256v1",
        "ecdsa-with-SHA256",
      ] { #expect(own.contains(expected)) }
      let served = try await Self.text(of: folder.appending(path: "api"))
      for expected in [
        "CA:FALSE", "Digital Signature", "TLS Web Server Authentication", "Authority Key Identifier",
        "DNS:api.example, IP Address:0:0:0:0:0:0:0:1",
      ] { #expect(served.contains(expected)) }
      #expect(!served.contains("TLS Web Client Authentication"))
    }
  }

  @Test func aKeyMadeByTheCommandIsRead() async throws {
    let text = try #require(try await Self.openssl(["ecparam", "-name", "prime256v1", "-genkey", "-noout"]))
    _ = try PrivateKey(pem: Array(text.utf8))
    let encrypted = try #require(
      try await Self.openssl([
        "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-aes256", "-pass", "pass:secret",
      ]))
    #expect(throws: CryptographyError.self) { try PrivateKey(pem: Array(encrypted.utf8)) }
    let other = try #require(try await Self.openssl(["genpkey", "-algorithm", "ED25519"]))
    #expect(throws: CryptographyError.self) { try PrivateKey(pem: Array(other.utf8)) }
  }

  private static func text(of file: URL) async throws -> String {
    try #require(try await Self.openssl(["x509", "-noout", "-text", "-in", file.path]))
  }

  private static func openssl(_ arguments: [String]) async throws -> String? {
    let result = try await run(
      .name("openssl"), arguments: Arguments(arguments), output: .string(limit: 1 << 20), error: .discarded)
    guard result.terminationStatus.isSuccess else { return nil }
    return result.standardOutput
  }

  private static func withFolder(_ body: (URL) async throws -> Void) async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "cryptography-\(UInt64.random(in: 0...(.max)))")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    // Left over at worst.
    defer { try? FileManager.default.removeItem(at: folder) }
    try await body(folder)
  }
}
