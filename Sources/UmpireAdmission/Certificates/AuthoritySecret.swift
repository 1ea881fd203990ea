import Cryptography
import FoundationEssentials
import KubernetesClient
import KubernetesModel
import Logging

/// The Secret in which all replicas find their authority.
///
/// Whoever comes first makes it; every write is for the version that was read, so that of two who are at it at once one
/// takes what the other has made.
struct AuthoritySecret: Sendable {
  let client: APIClient
  let key: ObjectKey
  let terms: CertificateTerms
  let logger: Logger

  /// The authority as it is now, made or made anew if that is due.
  ///
  /// - Parameter known: authorities that this process has seen there before.
  /// - Throws: ``APIError``, ``CryptographyError``.
  func authority(known: [Certificate], now: Date) async throws -> AdmissionAuthority {
    while true {
      do {
        return try await self.present(known: known, now: now)
      } catch let error as APIError where error.isNotFound {
        do {
          return try await self.create(known: known, now: now)
        } catch let error as APIError where error.isAlreadyExists {
          // Another replica was faster: its authority is ours.
          try Task.checkCancellation()
        }
      }
    }
  }

  private func present(known: [Certificate], now: Date) async throws -> AdmissionAuthority {
    var decided: (authority: AdmissionAuthority, event: Logger.Message?)?
    try await self.client.update(Secret.self, self.key) { secret in
      let wanted = try self.wanted(data: secret.data ?? [:], known: known, now: now)
      decided = wanted
      guard wanted.event != nil else { return nil }
      var changed = secret
      changed.data = (secret.data ?? [:]).merging(try wanted.authority.data()) { $1 }
      return changed
    }
    guard let decided else { throw CryptographyError(.libraryFailure, "nothing was decided about the authority") }
    self.log(decided)
    return decided.authority
  }

  private func create(known: [Certificate], now: Date) async throws -> AdmissionAuthority {
    let made = try self.wanted(data: nil, known: known, now: now)
    let metadata = ObjectMeta(name: self.key.name, namespace: self.key.namespace)
    _ = try await self.client.create(
      Secret(metadata: metadata, data: try made.authority.data(), type: "kubernetes.io/tls"))
    self.log(made)
    return made.authority
  }

  /// The authority as it should be; with an event where it is to be written.
  private func wanted(
    data: [String: String]?, known: [Certificate], now: Date
  ) throws(CryptographyError) -> (authority: AdmissionAuthority, event: Logger.Message?) {
    switch AuthorityDecision.decide(data: data, known: known, now: now) {
    case .keep(let authority): (authority, nil)
    case .write(let authority): (authority, "Former admission authorities forgotten")
    case .make(let former): (try self.terms.makeAuthority(trusting: former, now: now), "Admission authority made")
    }
  }

  private func log(_ decided: (authority: AdmissionAuthority, event: Logger.Message?)) {
    guard let event = decided.event else { return }
    self.logger.info(
      event,
      metadata: [
        "secret": "\(self.key)", "expires": "\(decided.authority.authority.certificate.notAfter.formatted(.iso8601))",
        "former": "\(decided.authority.trusted.count - 1)",
      ])
  }
}
