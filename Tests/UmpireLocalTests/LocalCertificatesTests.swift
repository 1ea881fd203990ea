import Cryptography
import FoundationEssentials
import ServerSupport
import Synchronization
import TestSupport
import Testing

@testable import UmpireLocal

struct LocalCertificatesTests {
  private static let now = Date(timeIntervalSince1970: 1_800_000_000)

  @Test func whatIsRenewedFollowsFromWhatIsKept() throws {
    let names: [AlternativeName] = [.dns("localhost"), .address("127.0.0.1")]
    let validity = Self.now...Self.now.addingTimeInterval(300)
    let authority = try CertificateAuthority(commonName: "CA", validity: validity)
    let other = try CertificateAuthority(commonName: "CA", validity: validity)
    let old = try CertificateAuthority(
      commonName: "CA", validity: Self.now.addingTimeInterval(-250)...Self.now.addingTimeInterval(50))
    let good = try authority.issue(commonName: "api", names: names, validity: validity).certificate
    let decide = { (authority: Certificate?, server: Certificate?, names: [AlternativeName]) in
      CertificateRenewal.decide(authority: authority, server: server, names: names, now: Self.now)
    }
    #expect(decide(nil, nil, names) == .authorityAndServer)
    #expect(decide(nil, good, names) == .authorityAndServer)
    #expect(decide(old.certificate, good, names) == .authorityAndServer)
    #expect(decide(authority.certificate, nil, names) == .server)
    #expect(decide(other.certificate, good, names) == .server)
    #expect(decide(authority.certificate, good, names + [.dns("more")]) == .server)
    let stale = try authority.issue(
      commonName: "api", names: names, validity: Self.now.addingTimeInterval(-250)...Self.now.addingTimeInterval(50))
    #expect(decide(authority.certificate, stale.certificate, names) == .server)
    #expect(decide(authority.certificate, good, names) == .none)
    #expect(decide(authority.certificate, good, [.address("127.0.0.1")]) == .none)
  }

  @Test func aRunningInstanceGetsNewOnesInTime() async throws {
    try await withFolder { folder in
      let day: TimeInterval = 86_400
      let first = try LocalCertificates(folder: folder, now: Self.now)
      let time = Mutex(Self.now)
      let renewals = Mutex<[LocalCertificates]>([])
      let refuses = Mutex(false)
      let renewer = CertificateRenewer(first, folder: folder, now: { time.withLock { $0 } }, logger: .silent) {
        newest in
        if refuses.withLock({ $0 }) { throw LocalError(.software, "not now") }
        renewals.withLock { $0.append(newest) }
      }
      func look(after days: Double) -> [LocalCertificates] {
        time.withLock { $0 = Self.now.addingTimeInterval(days * day) }
        renewer.renewIfDue()
        return renewals.withLock { $0 }
      }
      #expect(look(after: 200).isEmpty)
      refuses.withLock { $0 = true }
      #expect(look(after: 244).isEmpty)
      refuses.withLock { $0 = false }
      // What could not be put to use is put to use at the next look.
      let second = try #require(look(after: 245).last)
      #expect(second.authority == first.authority)
      #expect(second.server.chain != first.server.chain)
      #expect(look(after: 246).count == 1)
      let all = look(after: 2500)
      #expect(all.count == 2)
      #expect(all[1].authority != first.authority)
    }
  }

  @Test func certificatesAreKeptUntilTheyAreOld() async throws {
    try await withFolder { folder in
      let day: TimeInterval = 86_400
      let first = try LocalCertificates(folder: folder, now: Self.now)
      let second = try LocalCertificates(folder: folder, now: Self.now.addingTimeInterval(200 * day))
      #expect(second.authority == first.authority)
      #expect(second.server.chain == first.server.chain)
      let third = try LocalCertificates(folder: folder, now: Self.now.addingTimeInterval(250 * day))
      #expect(third.authority == first.authority)
      #expect(third.server.chain != first.server.chain)
      let fourth = try LocalCertificates(folder: folder, now: Self.now.addingTimeInterval(2500 * day))
      #expect(fourth.authority != first.authority)
      #expect(try Data(contentsOf: URL(filePath: "\(folder)/ca.crt")) == Data(fourth.authority))
      for name in ["authority.pem", "server.pem", "ca.crt"] {
        let attributes = try FileManager.default.attributesOfItem(atPath: "\(folder)/\(name)")
        #expect(attributes[.posixPermissions] as? Int == 0o600)
      }
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder).count == 3)
    }
  }

  @Test(arguments: ["authority.pem", "server.pem"])
  func damagedFilesAreNotReplacedSilently(name: String) async throws {
    try await withFolder { folder in
      _ = try LocalCertificates(folder: folder, now: Self.now)
      try Data("garbage".utf8).write(to: URL(filePath: "\(folder)/\(name)"))
      let error = #expect(throws: LocalError.self) { try LocalCertificates(folder: folder, now: Self.now) }
      #expect(error?.exitCode == .badData)
      #expect(error?.message.hasPrefix("\(folder)/\(name): ") == true)
    }
  }
}
