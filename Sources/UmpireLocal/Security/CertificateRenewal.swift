import Cryptography
import FoundationEssentials

/// What is to be made anew of an instance's certificates.
enum CertificateRenewal: Sendable, Equatable {
  /// All are good.
  case none
  /// The server's; clients need not learn anything.
  case server
  /// Both; clients need the new authority.
  case authorityAndServer

  /// Decides from what is kept.
  ///
  /// - Parameters:
  ///   - authority: nil if there is none yet.
  ///   - server: nil if there is none yet.
  ///   - names: what the server is reached by.
  static func decide(
    authority: Certificate?, server: Certificate?, names: [AlternativeName], now: Date
  ) -> CertificateRenewal {
    guard let authority, Self.isFresh(authority.notBefore, authority.notAfter, now: now) else {
      return .authorityAndServer
    }
    guard let server, Self.isFresh(server.notBefore, server.notAfter, now: now), server.isIssued(by: authority),
      Set(names).isSubset(of: server.alternativeNames)
    else { return .server }
    return .none
  }

  /// Whether no more than two thirds of a certificate's life have passed, and it has begun.
  static func isFresh(_ notBefore: Date, _ notAfter: Date, now: Date) -> Bool {
    let life = notAfter.timeIntervalSince(notBefore)
    let age = now.timeIntervalSince(notBefore)
    return age >= 0 && age <= life * 2 / 3
  }
}
