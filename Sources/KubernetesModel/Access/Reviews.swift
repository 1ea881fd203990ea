/// A user as the API server sees it (`authentication.k8s.io/v1` UserInfo).
public struct UserInfo: Sendable, Hashable, Codable {
  /// Such as `system:serviceaccount:games:lobby`.
  public var username: String?
  /// The user's UID.
  public var uid: String?
  /// The groups that the user is in.
  public var groups: [String]?
  /// Additional values by key, such as `authentication.kubernetes.io/pod-name`.
  public var extra: [String: [String]]?

  /// Creates a user.
  public init(
    username: String? = nil, uid: String? = nil, groups: [String]? = nil, extra: [String: [String]]? = nil
  ) {
    self.username = username
    self.uid = uid
    self.groups = groups
    self.extra = extra
  }
}

/// A review of a token.
public struct TokenReview: KubernetesResource, Hashable {
  /// The kind and its path.
  public static let resourceType = ResourceType(
    group: "authentication.k8s.io", version: "v1", kind: "TokenReview", plural: "tokenreviews", isNamespaced: false)
  /// `authentication.k8s.io/v1`.
  public var apiVersion: String? = "authentication.k8s.io/v1"
  /// `TokenReview`.
  public var kind: String? = "TokenReview"
  /// Empty.
  public var metadata = ObjectMeta()
  /// The input of the review.
  public var spec: Spec
  /// The result; nil in a request.
  public var status: Status?

  /// Creates a review.
  ///
  /// - Parameter audiences: The audiences to check the token for; the API server if nil.
  public init(token: String, audiences: [String]? = nil) {
    self.spec = Spec(token: token, audiences: audiences)
  }

  /// The input of the review.
  public struct Spec: Sendable, Hashable, Codable {
    /// The token.
    ///
    /// A secret: never logged.
    public var token: String?
    /// The audiences to check the token for.
    public var audiences: [String]?
  }

  /// The result.
  public struct Status: Sendable, Hashable, Codable {
    /// Whether the token is accepted; nil counts as false.
    public var authenticated: Bool?
    /// The token's user.
    public var user: UserInfo?
    /// The requested audiences that the token is valid for.
    public var audiences: [String]?
    /// Why the token is not accepted.
    public var error: String?
  }
}

/// A review of whether a user may perform an action.
public struct SubjectAccessReview: KubernetesResource, Hashable {
  /// The kind and its path.
  public static let resourceType = ResourceType(
    group: "authorization.k8s.io", version: "v1", kind: "SubjectAccessReview", plural: "subjectaccessreviews",
    isNamespaced: false)
  /// `authorization.k8s.io/v1`.
  public var apiVersion: String? = "authorization.k8s.io/v1"
  /// `SubjectAccessReview`.
  public var kind: String? = "SubjectAccessReview"
  /// Empty.
  public var metadata = ObjectMeta()
  /// The input of the review.
  public var spec: Spec
  /// The result; nil in a request.
  public var status: Status?

  /// Creates a review.
  public init(spec: Spec) { self.spec = spec }

  /// The input of the review.
  public struct Spec: Sendable, Hashable, Codable {
    /// The user's name.
    public var user: String?
    /// The user's groups.
    public var groups: [String]?
    /// The user's uid.
    public var uid: String?
    /// Additional values of the user.
    public var extra: [String: [String]]?
    /// The action on a resource.
    public var resourceAttributes: ResourceAttributes?

    /// Creates the input for a user.
    public init(_ user: UserInfo, _ attributes: ResourceAttributes) {
      self.user = user.username
      self.groups = user.groups
      self.uid = user.uid
      self.extra = user.extra
      self.resourceAttributes = attributes
    }
  }

  /// An action on a resource.
  public struct ResourceAttributes: Sendable, Hashable, Codable {
    /// The namespace; all if nil.
    public var namespace: String?
    /// Such as `get` or `patch`.
    public var verb: String?
    /// Nil for the core group.
    public var group: String?
    /// The plural.
    public var resource: String?
    /// Such as `status`.
    public var subresource: String?
    /// The object's name; any if nil.
    public var name: String?

    /// Creates attributes.
    public init(
      verb: String, group: String? = nil, resource: String, subresource: String? = nil, namespace: String? = nil,
      name: String? = nil
    ) {
      self.verb = verb
      self.group = group
      self.resource = resource
      self.subresource = subresource
      self.namespace = namespace
      self.name = name
    }
  }

  /// The result.
  public struct Status: Sendable, Hashable, Codable {
    /// Whether the user may perform the action.
    public var allowed: Bool
    /// The binding that allows the action.
    public var reason: String?
  }
}
