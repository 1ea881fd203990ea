import Cryptography
import FoundationEssentials

/// What is to be done about the certificate that this process shows.
enum ServingDecision: Sendable, Hashable {
  /// It is good.
  case keep
  /// It is good, but two thirds of its life are over: another one is due once those who ask know the authority.
  case renew
  /// There is none, or none that anybody accepts.
  case issue

  /// Decides from what is shown.
  ///
  /// A certificate of a former authority is shown until it is due, so that a new authority is known everywhere when its
  /// first certificate is seen.
  ///
  /// - Parameter names: what the server is reached by.
  static func decide(
    shown: IssuedCertificate?, authority: AdmissionAuthority, names: [AlternativeName], now: Date
  ) -> ServingDecision {
    guard let shown, shown.certificate.isValid(at: now), Set(names).isSubset(of: shown.certificate.alternativeNames),
      shown.certificate.matches(shown.key), authority.trusted.contains(where: { shown.certificate.isIssued(by: $0) })
    else { return .issue }
    return shown.certificate.isFresh(at: now) ? .keep : .renew
  }
}
