package import FoundationEssentials
package import KubernetesModel

/// How admission is served.
package struct AdmissionConfiguration: Sendable {
  /// The address or name to listen on.
  package var host: String
  /// The port, or 0 for any that is free.
  package var port: Int
  /// Where the certificate comes from.
  package var certificate: Certificate
  /// How long admission is served after it was asked to stop: until the API server no longer asks here.
  package var stopDelay: Duration = .zero
  /// What the delay is waited by.
  package var sleep: @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
  /// The namespace whose WebhookConfigurations are followed; nil for all.
  package var namespace: String?

  /// Creates a configuration.
  package init(host: String, port: Int, certificate: Certificate) {
    self.host = host
    self.port = port
    self.certificate = certificate
  }

  /// Where the certificate comes from.
  package enum Certificate: Sendable {
    /// It is made here.
    case own(OwnCertificateOptions)
    /// A folder has it in `tls.crt` and `tls.key`.
    case folder(String)
  }
}

/// How admission makes its certificates.
package struct OwnCertificateOptions: Sendable {
  /// The name of both webhook configurations.
  package static let registration = "umpire-controller"

  /// The Secret of the authority.
  package var secret: ObjectKey
  /// How long certificates last, and what they stand for.
  package var terms: CertificateTerms
  /// How often it is looked whether something is due.
  package var interval: Duration = .seconds(600)
  /// The time, for certificates.
  package var now: @Sendable () -> Date = { Date() }

  /// Creates options.
  ///
  /// - Parameters:
  ///   - namespace: The Secret's.
  ///   - names: What the server is reached by.
  package init(namespace: String, names: [String]) {
    self.secret = ObjectKey(namespace: namespace, name: "umpire-admission-authority")
    self.terms = CertificateTerms(names: names)
  }
}
