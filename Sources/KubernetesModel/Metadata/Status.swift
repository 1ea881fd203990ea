/// The answer to a request that failed, or that has no object to answer with (`metav1.Status`).
public struct Status: Sendable, Hashable, Codable {
  /// `Status`.
  public var kind: String?
  /// `v1`.
  public var apiVersion: String?
  /// Empty, always present in a real server's answers.
  public var metadata: ListMeta?
  /// `Success` or `Failure`.
  public var status: String?
  /// A sentence for a person.
  public var message: String?
  /// One word for programs, such as `NotFound`.
  public var reason: String?
  /// What exactly was wrong.
  public var details: Details?
  /// The HTTP status.
  public var code: Int?

  /// Creates a failure.
  public init(code: Int, reason: String?, message: String, details: Details? = nil) {
    self.kind = "Status"
    self.apiVersion = "v1"
    self.metadata = ListMeta()
    self.status = "Failure"
    self.message = message
    self.reason = reason
    self.details = details
    self.code = code
  }

  /// What exactly was wrong.
  public struct Details: Sendable, Hashable, Codable {
    /// The object's name.
    public var name: String?
    /// The object's group.
    public var group: String?
    /// The object's kind or resource.
    public var kind: String?
    /// The object's uid.
    public var uid: String?
    /// Every single fault.
    public var causes: [Cause]?
    /// Seconds to wait before another try.
    public var retryAfterSeconds: Int?

    /// Creates details.
    public init(
      name: String? = nil, group: String? = nil, kind: String? = nil, uid: String? = nil, causes: [Cause]? = nil,
      retryAfterSeconds: Int? = nil
    ) {
      self.name = name
      self.group = group
      self.kind = kind
      self.uid = uid
      self.causes = causes
      self.retryAfterSeconds = retryAfterSeconds
    }
  }

  /// One fault.
  public struct Cause: Sendable, Hashable, Codable {
    /// For example `FieldValueInvalid`.
    public var reason: String?
    /// A sentence for a person.
    public var message: String?
    /// The field's path.
    public var field: String?

    /// Creates a cause.
    public init(reason: String? = nil, message: String? = nil, field: String? = nil) {
      self.reason = reason
      self.message = message
      self.field = field
    }
  }
}

extension Status {
  /// Whether the object was not there.
  public var isNotFound: Bool { self.reason == "NotFound" || (self.reason == nil && self.code == 404) }
  /// Whether the write was made of a version that is no longer the newest.
  public var isConflict: Bool { self.reason == "Conflict" }
  /// Whether an object of that name exists already.
  public var isAlreadyExists: Bool { self.reason == "AlreadyExists" }
  /// Whether the version that was asked for is no longer kept.
  public var isExpired: Bool { self.reason == "Expired" || self.reason == "Gone" || self.code == 410 }
  /// Whether the object as it stands is refused.
  public var isInvalid: Bool { self.reason == "Invalid" }
}
