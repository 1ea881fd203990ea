import Cryptography
import FoundationEssentials
import Testing

@testable import UmpireAdmission

@Suite struct AuthorityDecisionTests {
  private static let now = Date(timeIntervalSince1970: 1_800_000_000)
  private static let day: TimeInterval = 86_400

  /// An authority of 300 days that began so many days ago.
  private func authority(age days: Double) throws -> CertificateAuthority {
    let start = Self.now.addingTimeInterval(-days * Self.day)
    return try CertificateAuthority(
      commonName: "umpire-admission-authority", validity: start...start.addingTimeInterval(300 * Self.day))
  }

  private func former(_ decision: AuthorityDecision) -> [Certificate]? {
    if case .make(let former) = decision { former } else { nil }
  }

  private func decide(_ data: [String: String]?, known: [Certificate] = []) -> AuthorityDecision {
    AuthorityDecision.decide(data: data, known: known, now: Self.now)
  }

  @Test func whatIsNotThereIsMade() {
    #expect(self.former(self.decide(nil)) == [])
    #expect(self.former(self.decide([:])) == [])
  }

  @Test(arguments: [(0.0, false), (199, false), (201, true), (301, true), (-1, true)])
  func anAuthorityIsKeptForTwoThirdsOfItsLife(age: Double, isDue: Bool) throws {
    let authority = try self.authority(age: age)
    let decision = self.decide(try AdmissionAuthority(authority).data())
    if isDue {
      // Whoever is shown what it has signed still accepts it, as long as it counts.
      #expect(self.former(decision) == (age > 300 ? [] : [authority.certificate]))
    } else {
      guard case .keep(let kept) = decision else {
        Issue.record("\(decision)")
        return
      }
      #expect(kept.trusted == [authority.certificate])
      #expect(kept.authority.key.pem == authority.key.pem)
    }
  }

  @Test func aFormerAuthorityIsForgottenOnceItHasExpired() throws {
    let (old, older) = (try self.authority(age: 299), try self.authority(age: 301))
    let present = try self.authority(age: 10)
    let data = try AdmissionAuthority(present, trusting: [old.certificate, older.certificate]).data()
    guard case .write(let wanted) = self.decide(data) else {
      Issue.record("the expired one is kept")
      return
    }
    #expect(wanted.trusted == [present.certificate, old.certificate])
    guard case .keep = self.decide(try wanted.data()) else {
      Issue.record("what was written is not what was wanted")
      return
    }
  }

  @Test func whatCannotBeUsedIsMadeAnewAndStillAccepted() throws {
    let (first, second) = (try self.authority(age: 10), try self.authority(age: 20))
    let good = try AdmissionAuthority(first).data()
    let garbage = Data("garbage".utf8).base64EncodedString()
    let foreignKey = Data(second.key.pem).base64EncodedString()
    for (field, value) in [("tls.key", garbage), ("tls.key", foreignKey), ("tls.key", "%"), ("tls.crt", garbage)] {
      var data = good
      data[field] = value
      #expect(self.former(self.decide(data)) == [first.certificate], "\(field)")
    }
    // The bundle is the least of it: it is written anew.
    for value in [garbage, nil] {
      var data = good
      data["ca.crt"] = value
      guard case .write(let wanted) = self.decide(data) else {
        Issue.record("an unreadable bundle is kept")
        return
      }
      #expect(wanted.trusted == [first.certificate])
    }
  }

  @Test func anAuthorityWhoseSecretWasTakenAwayIsStillAccepted() throws {
    let known = try self.authority(age: 10).certificate
    let expired = try self.authority(age: 400).certificate
    #expect(self.former(self.decide(nil, known: [known, expired, known])) == [known])
    let many = try (0..<6).map { try self.authority(age: Double($0)).certificate }
    #expect(self.former(self.decide(nil, known: many)) == Array(many.prefix(4)))
  }

  // MARK: What is shown

  private static let names: [AlternativeName] = [.dns("umpire-admission.umpire-system.svc"), .address("127.0.0.1")]

  private func issued(
    by authority: CertificateAuthority, age days: Double = 0, names: [AlternativeName] = Self.names
  ) throws -> IssuedCertificate {
    let start = Self.now.addingTimeInterval(-days * Self.day)
    return try authority.issue(
      commonName: "umpire-admission", names: names, validity: start...start.addingTimeInterval(30 * Self.day))
  }

  @Test func whatIsShownIsMadeAnewInTime() throws {
    let (present, former) = (try self.authority(age: 1), try self.authority(age: 201))
    let stranger = try self.authority(age: 1)
    let authority = AdmissionAuthority(present, trusting: [former.certificate])
    func decide(_ shown: IssuedCertificate?, _ names: [AlternativeName] = Self.names) -> ServingDecision {
      ServingDecision.decide(shown: shown, authority: authority, names: names, now: Self.now)
    }
    #expect(decide(nil) == .issue)
    let fresh = try self.issued(by: present)
    #expect(decide(fresh) == .keep)
    #expect(decide(fresh, [.address("127.0.0.1")]) == .keep)
    #expect(decide(fresh, Self.names + [.dns("more")]) == .issue)
    #expect(decide(try self.issued(by: present, age: 19)) == .keep)
    #expect(decide(try self.issued(by: present, age: 21)) == .renew)
    #expect(decide(try self.issued(by: present, age: 31)) == .issue)
    #expect(decide(try self.issued(by: present, age: -1)) == .issue)
    // Until it is due: those who ask may not know the new authority yet.
    #expect(decide(try self.issued(by: former)) == .keep)
    #expect(decide(try self.issued(by: former, age: 21)) == .renew)
    #expect(decide(try self.issued(by: stranger)) == .issue)
    #expect(decide(IssuedCertificate(certificate: fresh.certificate, key: present.key)) == .issue)
  }

  @Test func nothingOutlivesItsAuthority() throws {
    var terms = CertificateTerms(names: ["umpire-admission", "127.0.0.1"])
    terms.authorityLife = 30 * Self.day
    terms.servingLife = 300 * Self.day
    let authority = try terms.makeAuthority(trusting: [], now: Self.now)
    let issued = try terms.issue(by: authority, now: Self.now.addingTimeInterval(10 * Self.day))
    #expect(issued.certificate.notAfter == authority.authority.certificate.notAfter)
    #expect(issued.certificate.alternativeNames == [.dns("umpire-admission"), .address("127.0.0.1")])
    #expect(issued.certificate.isIssued(by: authority.authority.certificate))
  }
}
