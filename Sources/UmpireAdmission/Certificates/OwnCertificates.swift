import Cryptography
import FoundationEssentials
import KubernetesClient
import KubernetesModel
import KubernetesRuntime
import Logging
import ServerSupport
import Synchronization

/// Makes the certificates itself: an authority that all replicas share, and a certificate of it for each process.
///
/// The certificate's key never leaves the process. In this order: the authority is in its Secret, the webhook
/// configurations have it in their caBundles, and only at a later look its certificates are shown, unless nothing could be
/// shown otherwise.
final class OwnCertificates: CertificateSource {
  private struct State {
    var shown: IssuedCertificate?
    /// Authorities that were in the Secret at some time.
    var known: [Certificate] = []
    /// Whether the webhook configurations have the authority.
    var isPublished = false
  }

  private let client: APIClient
  private let terms: CertificateTerms
  private let secret: AuthoritySecret
  private let identity: ServerIdentity
  private let logger: Logger
  private let interval: Duration
  private let now: @Sendable () -> Date
  private let changed = AsyncSignal()
  private let state = Mutex(State())

  /// - Parameters:
  ///   - options: where the authority is kept, and who is told of it.
  ///   - identity: shows the certificate.
  init(_ options: OwnCertificateOptions, client: APIClient, identity: ServerIdentity, logger: Logger) {
    self.client = client
    self.terms = options.terms
    self.secret = AuthoritySecret(client: client, key: options.secret, terms: options.terms, logger: logger)
    self.identity = identity
    self.logger = logger
    self.interval = options.interval
    self.now = options.now
  }

  var unready: String? {
    self.state.withLock { state in
      if state.shown == nil { return "admission has no certificate yet" }
      return state.isPublished ? nil : "the API server does not know admission's certificate authority yet"
    }
  }

  func run() async {
    let options = ListOptions(fieldSelector: "metadata.name=\(OwnCertificateOptions.registration)")
    let mutating = Watcher<MutatingWebhookConfiguration>(client: self.client, options: options, logger: self.logger) {
      _ in self.changed.notify()
    }
    let validating = Watcher<ValidatingWebhookConfiguration>(
      client: self.client, options: options, logger: self.logger
    ) { _ in self.changed.notify() }
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await mutating.run() }
      group.addTask { await validating.run() }
      group.addTask { await self.follow() }
    }
  }

  private func follow() async {
    let clock = ContinuousClock()
    var failures = 0
    while !Task.isCancelled {
      do {
        try await self.look()
        failures = 0
      } catch is CancellationError {
        return
      } catch {
        failures += 1
        self.logger.warning("Admission's certificates are not in order", metadata: ["error": "\(error)"])
      }
      // Somebody who undoes every change is not answered more than once a second. Cancellation ends the loop.
      try? await clock.sleep(for: .seconds(1))
      let pause = failures == 0 ? self.interval : min(.seconds(1 << min(failures, 6)), self.interval)
      await self.changed.wait(until: clock.now.advanced(by: pause), clock: clock)
    }
  }

  func look() async throws {
    let now = self.now()
    let authority = try await self.authority(now: now)
    if self.decide(authority, now) == .issue { try self.issue(by: authority, now: now) }
    let isMutatingNews = try await self.publish(MutatingWebhookConfiguration.self, now: now)
    let isValidatingNews = try await self.publish(ValidatingWebhookConfiguration.self, now: now)
    self.state.withLock { $0.isPublished = true }
    // The API server has to take the news in; what was written has us look again.
    guard !isMutatingNews, !isValidatingNews else { return }
    if self.decide(authority, now) == .renew { try self.issue(by: authority, now: now) }
  }

  private func authority(now: Date) async throws -> AdmissionAuthority {
    let known = self.state.withLock { $0.known }
    let authority = try await self.secret.authority(known: known, now: now)
    self.state.withLock { $0.known = authority.trusted }
    return authority
  }

  private func decide(_ authority: AdmissionAuthority, _ now: Date) -> ServingDecision {
    let shown = self.state.withLock { $0.shown }
    return ServingDecision.decide(shown: shown, authority: authority, names: self.terms.alternativeNames, now: now)
  }

  private func issue(by authority: AdmissionAuthority, now: Date) throws {
    let issued = try self.terms.issue(by: authority, now: now)
    try self.identity.show(ServerCertificate(chain: try issued.certificate.pem(), key: issued.key.pem))
    self.state.withLock { $0.shown = issued }
    self.logger.info(
      "Admission certificate issued", metadata: ["expires": "\(issued.certificate.notAfter.formatted(.iso8601))"])
  }

  /// Writes the caBundle into a webhook configuration, if there is one and it has another.
  ///
  /// The Secret is read after the configuration, which is written only as it was read: so nobody puts back an older
  /// bundle.
  ///
  /// - Returns: whether it was written.
  private func publish<Registration: WebhookRegistration>(_ type: Registration.Type, now: Date) async throws -> Bool {
    var isWritten = false
    do {
      try await self.client.update(type, ObjectKey(namespace: nil, name: OwnCertificateOptions.registration)) {
        configuration in
        if configuration.isInjected {
          self.logger.notice(
            "The caBundle is left to cert-manager; name the folder of its certificate in --admission-certificate",
            metadata: ["kind": "\(type.resourceType.kind)"])
        }
        let bundle = try await self.authority(now: now).bundle()
        let changed = configuration.trusting(bundle, for: self.terms.alternativeNames)
        isWritten = changed != nil
        return changed
      }
    } catch let error as APIError where error.isNotFound {
      self.logger.debug("There is no webhook configuration", metadata: ["kind": "\(type.resourceType.kind)"])
      return false
    }
    if isWritten { self.logger.info("caBundle written", metadata: ["kind": "\(type.resourceType.kind)"]) }
    return isWritten
  }
}
