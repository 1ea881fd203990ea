package import Cryptography
import FoundationEssentials
package import HTTPTypes
package import KubernetesModel
package import ServerSupport
import UmpireModel

/// Who may ask the sidecar: whoever shares its Pod, and the controller by its token.
///
/// The sidecar holds public keys only, so that nothing in a Pod can speak for the controller.
package struct SidecarAccess: Sendable {
  private let verifier: SignedTokenVerifier?
  private let now: @Sendable () -> Timestamp

  /// Lets in nobody from outside the Pod.
  package static let podOnly = SidecarAccess(verifier: nil, now: { .now })

  /// - Parameters:
  ///   - keys: the controller's.
  ///   - server: the uid of the Server, for which tokens must be made.
  package init(keys: [Ed25519.VerificationKey], server: String, now: @escaping @Sendable () -> Timestamp = { .now }) {
    self.init(
      verifier: SignedTokenVerifier(keys: keys, issuer: SidecarTokens.issuer, audience: server), now: now)
  }

  private init(verifier: SignedTokenVerifier?, now: @escaping @Sendable () -> Timestamp) {
    self.verifier = verifier
    self.now = now
  }

  /// Checks whether a request may be answered.
  ///
  /// - Throws: A ``Problem`` of 401.
  package func check(_ fields: HTTPFields, from peer: Peer) throws(Problem) {
    if peer.isSameHost { return }
    guard let verifier = self.verifier else {
      throw Self.refusal("only the Pod itself may ask: this sidecar was given no key of a controller", hasToken: false)
    }
    guard let token = Self.bearerToken(fields) else {
      throw Self.refusal("from outside the Pod the controller's token is needed", hasToken: false)
    }
    do throws(SignedTokenVerifier.Refusal) {
      try verifier.verify(token, now: Date(timeIntervalSince1970: TimeInterval(self.now().secondsSinceEpoch)))
    } catch {
      throw Self.refusal("the token is not taken: \(error)", hasToken: true)
    }
  }

  private static func bearerToken(_ fields: HTTPFields) -> String? {
    let values = fields[values: .authorization]
    guard values.count == 1, let value = values.first else { return nil }
    let parts = value.split(separator: " ", maxSplits: 1)
    guard parts.count == 2, parts[0].lowercased() == "bearer" else { return nil }
    return String(parts[1])
  }

  private static func refusal(_ detail: String, hasToken: Bool) -> Problem {
    let challenge = "Bearer realm=\"umpire-sidecar\"" + (hasToken ? ", error=\"invalid_token\"" : "")
    return Problem(.unauthorized, detail, headers: [.wwwAuthenticate: challenge])
  }
}
