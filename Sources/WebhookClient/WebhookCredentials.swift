package import Cryptography

/// What authenticates us to a webhook.
///
/// It describes itself without its secrets, so that it may stand in values that are logged.
package struct WebhookCredentials: Sendable, Hashable, CustomStringConvertible, CustomDebugStringConvertible,
  CustomReflectable
{
  /// The secrets that sign the questions: none, one, or two while one is taken out of use.
  package var signingSecrets: [WebhookSecret]
  /// The PEM certificate chain to present.
  package var clientCertificate: [UInt8]?
  /// The PEM key of `clientCertificate`.
  package var clientKey: [UInt8]?

  /// Creates credentials; the defaults are none at all.
  package init(
    signingSecrets: [WebhookSecret] = [], clientCertificate: [UInt8]? = nil, clientKey: [UInt8]? = nil
  ) {
    self.signingSecrets = signingSecrets
    self.clientCertificate = clientCertificate
    self.clientKey = clientKey
  }

  /// How much there is, and none of it.
  package var description: String {
    "\(self.signingSecrets.count) signing secrets, \(self.clientCertificate == nil ? "no" : "a") client certificate"
  }
  package var debugDescription: String { self.description }
  package var customMirror: Mirror { Mirror(self, children: [:]) }
}
