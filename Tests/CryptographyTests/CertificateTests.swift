import FoundationEssentials
import Testing

@testable import Cryptography

struct CertificateTests {
  private static let start = Date(timeIntervalSince1970: 1_700_000_000)
  private static let validity = Self.start...Self.start.addingTimeInterval(86_400)

  @Test func anAuthorityComesBackFromItsFiles() throws {
    let authority = try CertificateAuthority(commonName: "Studio CA", validity: Self.validity)
    let certificates = try Certificate.parse(pem: authority.certificate.pem())
    #expect(certificates == [authority.certificate])
    let kept = try CertificateAuthority(certificate: certificates[0], key: PrivateKey(pem: authority.key.pem))
    #expect(kept.certificate.subject == "CN=Studio CA")
    #expect(kept.certificate.issuer == "CN=Studio CA")
    #expect(kept.certificate.isCertificateAuthority)
    #expect(kept.certificate.notBefore == Self.validity.lowerBound)
    #expect(kept.certificate.notAfter == Self.validity.upperBound)
    #expect(kept.certificate.isIssued(by: kept.certificate))
    #expect(kept.certificate.alternativeNames.isEmpty)
  }

  @Test func aCertificateIsFreshForTwoThirdsOfItsLife() {
    let end = Self.start.addingTimeInterval(300)
    let isFresh = { CertificateLife.isFresh(Self.start, end, now: Self.start.addingTimeInterval($0)) }
    #expect(isFresh(0))
    #expect(isFresh(200))
    #expect(!isFresh(201))
    #expect(!isFresh(301))
    #expect(!isFresh(-1))
  }

  @Test func aServingCertificateSaysWhatItStandsFor() throws {
    let authority = try CertificateAuthority(commonName: "Studio CA", validity: Self.validity)
    let names: [AlternativeName] = [
      .dns("localhost"), .dns("*.studio.example"), .address("127.0.0.1"), .address("::1"),
    ]
    let issued = try authority.issue(commonName: "api", names: names, validity: Self.validity)
    let certificate = try #require(try Certificate.parse(pem: issued.certificate.pem()).first)
    #expect(certificate.alternativeNames == names)
    #expect(certificate.subject == "CN=api")
    #expect(certificate.issuer == "CN=Studio CA")
    #expect(!certificate.isCertificateAuthority)
    #expect(certificate.isIssued(by: authority.certificate))
    #expect(certificate.matches(issued.key))
    #expect(!certificate.matches(authority.key))
    let other = try CertificateAuthority(commonName: "Studio CA", validity: Self.validity)
    #expect(!certificate.isIssued(by: other.certificate))
  }

  @Test func partsThatDoNotBelongTogetherAreNoAuthority() throws {
    let authority = try CertificateAuthority(commonName: "Studio CA", validity: Self.validity)
    let issued = try authority.issue(commonName: "api", names: [.dns("api")], validity: Self.validity)
    let wrongKey = #expect(throws: CryptographyError.self) {
      try CertificateAuthority(certificate: authority.certificate, key: issued.key)
    }
    #expect(wrongKey?.code == .mismatch)
    let notAuthority = #expect(throws: CryptographyError.self) {
      try CertificateAuthority(certificate: issued.certificate, key: issued.key)
    }
    #expect(notAuthority?.code == .mismatch)
    #expect(notAuthority?.message.contains("CN=api") == true)
  }

  @Test(arguments: [
    [AlternativeName.dns("a,DNS:b")], [.dns("")], [.dns("a b")], [.dns("a\u{0}b")], [.address("1.2.3")],
    [.address("localhost")], [.dns(String(repeating: "a", count: 254))],
  ])
  func namesThatAreNoneAreRefused(names: [AlternativeName]) throws {
    let authority = try CertificateAuthority(commonName: "CA", validity: Self.validity)
    let error = #expect(throws: CryptographyError.self) {
      try authority.issue(commonName: "api", names: names, validity: Self.validity)
    }
    #expect(error?.code == .invalidArgument)
  }

  @Test func subjectsAndDatesHaveBounds() {
    #expect(throws: CryptographyError.self) { try CertificateAuthority(commonName: "", validity: Self.validity) }
    #expect(throws: CryptographyError.self) {
      try CertificateAuthority(commonName: String(repeating: "é", count: 65), validity: Self.validity)
    }
    #expect(throws: CryptographyError.self) {
      try CertificateAuthority(commonName: "CA", validity: Date.distantPast...Self.start)
    }
  }

  @Test func aHostIsANameOrAnAddress() {
    #expect(AlternativeName(host: "127.0.0.1") == .address("127.0.0.1"))
    #expect(AlternativeName(host: "::1") == .address("::1"))
    #expect(AlternativeName(host: "localhost") == .dns("localhost"))
    #expect(AlternativeName(host: "1.2.3.4.example") == .dns("1.2.3.4.example"))
  }

  @Test func aBundleIsCheckedForItsDates() throws {
    let authority = try CertificateAuthority(commonName: "Studio CA", validity: Self.validity)
    let later = try CertificateAuthority(
      commonName: "Später", validity: Self.validity.upperBound...Self.validity.upperBound.addingTimeInterval(100))
    let text = Array("# ours\n".utf8) + (try authority.certificate.pem()) + (try later.certificate.pem())
    let bundle = try CertificateBundle(pem: text)
    #expect(bundle.certificates.map(\.subject) == ["CN=Studio CA", "CN=Später"])
    #expect(
      bundle.faults(at: Self.start) == ["the certificate of CN=Später is not valid before 2023-11-15T22:13:20Z"])
    #expect(
      bundle.faults(at: Self.validity.upperBound.addingTimeInterval(1)) == [
        "the certificate of CN=Studio CA expired on 2023-11-15T22:13:20Z"
      ])
  }

  @Test(arguments: [
    "", "garbage", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
    "-----BEGIN CERTIFICATE-----\n!!!!\n-----END CERTIFICATE-----\n", "-----BEGIN CERTIFICATE-----\nMIIB",
    "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n",
  ])
  func garbageIsNoBundle(text: String) {
    let error = #expect(throws: CryptographyError.self) { try CertificateBundle(pem: Array(text.utf8)) }
    #expect(error?.code == .malformed)
  }

  @Test func everyPrefixOfACertificateIsRefused() throws {
    let certificate = try CertificateAuthority(commonName: "CA", validity: Self.validity).certificate
    for count in 0..<certificate.der.count {
      #expect(throws: CryptographyError.self) { try Certificate(der: Array(certificate.der.prefix(count))) }
    }
    #expect(throws: CryptographyError.self) { try Certificate(der: certificate.der + [0]) }
    #expect(throws: CryptographyError.self) {
      try Certificate.parse(pem: [UInt8](repeating: 10, count: MemoryStream.maximumBytes + 1))
    }
  }

  @Test func keysThatAreNoneAreRefused() throws {
    for text in ["", "garbage", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"] {
      let error = #expect(throws: CryptographyError.self) { try PrivateKey(pem: Array(text.utf8)) }
      #expect(error?.code == .malformed)
    }
    let certificate = try CertificateAuthority(commonName: "CA", validity: Self.validity).certificate
    #expect(throws: CryptographyError.self) { try PrivateKey(pem: certificate.pem()) }
  }
}
