/// A user as the API server sees it (`authentication.k8s.io/v1` UserInfo).
public struct UserInfo: Sendable, Hashable, Codable {
  /// Such as `system:serviceaccount:games:lobby`.
  public var username: String?
  /// Tells users of one name apart.
  public var uid: String?
  /// The groups that the user is in.
  public var groups: [String]?
  /// What else is known, by keys such as `authentication.kubernetes.io/pod-name`.
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

/// A question whose token it is, and its answer.
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
  /// The question.
  public var spec: Spec
  /// The answer; nil in a question.
  public var status: Status?

  /// Creates a question.
  ///
  /// - Parameter audiences: for which of them the token should be; for the API server if nil.
  public init(token: String, audiences: [String]? = nil) {
    self.spec = Spec(token: token, audiences: audiences)
  }

  /// The question.
  public struct Spec: Sendable, Hashable, Codable {
    /// The token.
    ///
    /// A secret: never logged.
    public var token: String?
    /// For which of them the token should be.
    public var audiences: [String]?
  }

  /// The answer.
  public struct Status: Sendable, Hashable, Codable {
    /// Whether the token is accepted; nil counts as false.
    public var authenticated: Bool?
    /// Whose token it is.
    public var user: UserInfo?
    /// Those of the wanted audiences for which the token is.
    public var audiences: [String]?
    /// Why the token is not accepted.
    public var error: String?
  }
}

/// A question whether somebody may do something, and its answer.
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
  /// The question.
  public var spec: Spec
  /// The answer; nil in a question.
  public var status: Status?

  /// Creates a question.
  public init(spec: Spec) { self.spec = spec }

  /// The question.
  public struct Spec: Sendable, Hashable, Codable {
    /// The user's name.
    public var user: String?
    /// The user's groups.
    public var groups: [String]?
    /// The user's uid.
    public var uid: String?
    /// What else is known of the user.
    public var extra: [String: [String]]?
    /// What the user wants to do.
    public var resourceAttributes: ResourceAttributes?

    /// Creates a question about a user.
    public init(_ user: UserInfo, _ attributes: ResourceAttributes) {
      self.user = user.username
      self.groups = user.groups
      self.uid = user.uid
      self.extra = user.extra
      self.resourceAttributes = attributes
    }
  }

  /// Something that is done to a resource.
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

  /// The answer.
  public struct Status: Sendable, Hashable, Codable {
    /// Whether the user may do it.
    public var allowed: Bool
    /// Which binding allows it.
    public var reason: String?
  }
}
