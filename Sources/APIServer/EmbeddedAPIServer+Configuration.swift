package import HTTPTransport
package import KubernetesModel
package import Logging

extension EmbeddedAPIServer {
  /// How the server stores objects and how long it keeps what.
  package struct Configuration: Sendable {
    /// Where objects live.
    package enum Storage: Sendable, Hashable {
      /// In memory, until the process ends.
      case memory
      /// In SQLite under this folder, which is created if need be and locked while the server is open.
      case directory(String)
    }

    /// Where objects live.
    package var storage: Storage
    /// Where failures of the server itself are logged.
    package var logger: Logger
    /// The bearer tokens of administrators.
    ///
    /// The tokens that the server makes for service accounts are accepted besides. A request with any other token is
    /// rejected; one without is a person's.
    package var bearerTokens: Set<String>
    /// Whether requests without a token are served.
    package var allowsAnonymous: Bool
    /// How many changes are kept for watches that begin in the past.
    package var historyEvents: Int
    /// How long Events are kept after their last write.
    package var eventLifetime: Duration
    /// How often watches that asked for bookmarks get one.
    package var bookmarkInterval: Duration
    /// Where the output of containers is to be had; nil if no node keeps it.
    package var podLogs: (any PodLogSource)?
    /// Whether a Pod may name a service account that does not exist, and then gets no token; a cluster rejects it.
    package var admitsUnknownServiceAccounts: Bool
    /// The certificates of the authorities by which clients know the server, in PEM; empty if it has none.
    ///
    /// Each namespace has them in the ConfigMap `kube-root-ca.crt`, which Pods see beside their token; without any, no
    /// namespace has one.
    package var rootCertificates: String
    /// What carries questions to admission webhooks; without it they cannot be asked.
    package var webhookTransport: (any ClientTransport)?
    /// The present time.
    package var now: @Sendable () -> Timestamp
    /// Makes the uid of a new object.
    package var uid: @Sendable () -> String

    /// Creates a configuration; the defaults are kube-apiserver's where it has any.
    package init(
      storage: Storage = .memory, logger: Logger = Logger(label: "umpire.api-server"), bearerTokens: Set<String> = [],
      allowsAnonymous: Bool = true
    ) {
      self.storage = storage
      self.logger = logger
      self.bearerTokens = bearerTokens
      self.allowsAnonymous = allowsAnonymous
      self.historyEvents = 10_000
      self.eventLifetime = .seconds(3600)
      self.bookmarkInterval = .seconds(60)
      self.admitsUnknownServiceAccounts = false
      self.rootCertificates = ""
      self.now = { Timestamp.now }
      self.uid = { UniqueIdentifier.random() }
    }
  }
}
