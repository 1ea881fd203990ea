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
    guard let authority, authority.isFresh(at: now) else { return .authorityAndServer }
    guard let server, server.isFresh(at: now), server.isIssued(by: authority),
      Set(names).isSubset(of: server.alternativeNames)
    else { return .server }
    return .none
  }
}
