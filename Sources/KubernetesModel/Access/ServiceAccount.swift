/// An identity for the processes of Pods.
public struct ServiceAccount: KubernetesResource, Hashable {
  /// The kind and its path.
  public static let resourceType = ResourceType(
    group: "", version: "v1", kind: "ServiceAccount", plural: "serviceaccounts")
  /// `v1`.
  public var apiVersion: String? = "v1"
  /// `ServiceAccount`.
  public var kind: String? = "ServiceAccount"
  /// Name, labels, owners and the like.
  public var metadata: ObjectMeta
  /// Whether Pods get the account's token unless they say otherwise; they do if nil.
  public var automountServiceAccountToken: Bool?

  /// Creates a service account.
  public init(metadata: ObjectMeta, automountServiceAccountToken: Bool? = nil) {
    self.metadata = metadata
    self.automountServiceAccountToken = automountServiceAccountToken
  }
}

/// A request for a token of a service account, and its answer (`serviceaccounts/NAME/token`).
public struct TokenRequest: Sendable, Hashable, Codable {
  /// `authentication.k8s.io/v1`.
  public var apiVersion: String? = "authentication.k8s.io/v1"
  /// `TokenRequest`.
  public var kind: String? = "TokenRequest"
  /// Left out by clients; names the account in an answer.
  public var metadata: ObjectMeta?
  /// The requested token.
  public var spec: Spec
  /// The token; nil in a request.
  public var status: Status?

  /// Creates a request.
  public init(spec: Spec = Spec()) { self.spec = spec }

  /// The requested token.
  public struct Spec: Sendable, Hashable, Codable {
    /// The servers that may accept the token; the API server alone if nil.
    public var audiences: [String]?
    /// The wanted lifetime, 600 to 2^32 seconds; an hour if nil.
    public var expirationSeconds: Int64?
    /// The object whose deletion invalidates the token.
    public var boundObjectRef: BoundObject?

    /// Creates a specification.
    public init(audiences: [String]? = nil, expirationSeconds: Int64? = nil, boundObjectRef: BoundObject? = nil) {
      self.audiences = audiences
      self.expirationSeconds = expirationSeconds
      self.boundObjectRef = boundObjectRef
    }
  }

  /// The object whose deletion invalidates a token: a Pod or a Secret of the account's namespace, or a Node.
  public struct BoundObject: Sendable, Hashable, Codable {
    /// `v1`.
    public var apiVersion: String?
    /// `Pod`, `Secret` or `Node`.
    public var kind: String?
    /// The object's name.
    public var name: String?
    /// The object's uid; the request fails if the object has another.
    public var uid: String?

    /// Creates a reference.
    public init(kind: String, name: String, uid: String? = nil) {
      self.apiVersion = "v1"
      self.kind = kind
      self.name = name
      self.uid = uid
    }
  }

  /// The result.
  public struct Status: Sendable, Hashable, Codable {
    /// The token.
    ///
    /// A secret: never logged, never copied into a status.
    public var token: String
    /// When the token ends.
    public var expirationTimestamp: Timestamp

    /// Creates a result.
    public init(token: String, expirationTimestamp: Timestamp) {
      self.token = token
      self.expirationTimestamp = expirationTimestamp
    }
  }
}
