import Cryptography
import FoundationEssentials

/// What is to be done about the Secret of the authority.
enum AuthorityDecision: Sendable {
  /// How many former authorities are accepted; more come about only if something makes authorities all the time.
  static let mostFormer = 4

  /// All is well.
  case keep(AdmissionAuthority)
  /// Others are accepted than the Secret says: those whose time is over are forgotten.
  case write(AdmissionAuthority)
  /// A new authority is due, or there is none; these are accepted besides, as what they have signed may still be shown.
  case make(trusting: [Certificate])

  /// Decides from what the Secret holds.
  ///
  /// A former authority is accepted until it expires, for nothing that it has signed lasts longer.
  ///
  /// - Parameters:
  ///   - data: nil if there is no Secret.
  ///   - known: authorities that this process has seen there before.
  static func decide(data: [String: String]?, known: [Certificate], now: Date) -> AuthorityDecision {
    let data = data ?? [:]
    let listed = AdmissionAuthority.certificates(in: data, AdmissionAuthority.bundleField)
    // What cannot be read, or does not belong together, is made anew.
    if let kept = try? AdmissionAuthority(data: data), kept.authority.certificate.isFresh(at: now) {
      let wanted = AdmissionAuthority(
        kept.authority, trusting: Self.former(kept.trusted, besides: kept.authority.certificate, now: now))
      return wanted.trusted == listed ? .keep(wanted) : .write(wanted)
    }
    let own = AdmissionAuthority.certificates(in: data, AdmissionAuthority.certificateField).prefix(1)
    return .make(trusting: Self.former(own + listed + known, besides: nil, now: now))
  }

  private static func former(_ certificates: [Certificate], besides own: Certificate?, now: Date) -> [Certificate] {
    var former: [Certificate] = []
    for certificate in certificates
    where certificate != own && certificate.isCertificateAuthority && certificate.notAfter >= now
      && !former.contains(certificate)
    {
      former.append(certificate)
    }
    return Array(former.prefix(Self.mostFormer))
  }
}
