/// What is said between Umpire and a studio's webhook: a request goes out, and the same comes back with a response.
///
/// The first fields are those of Carrier's application webhook; a server written for it answers unchanged.
public struct WebhookReview: Sendable, Hashable, Codable {
  /// The question.
  public var request: ReviewRequest?
  /// The answer; null on the way out.
  public var response: ReviewResponse?

  /// Creates a review.
  public init(request: ReviewRequest?, response: ReviewResponse? = nil) {
    self.request = request
    self.response = response
  }

  private enum CodingKeys: String, CodingKey { case request, response }

  /// Encodes both fields, `response` as null while there is none.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(self.request, forKey: .request)
    try container.encode(self.response, forKey: .response)
  }
}

/// The question.
public struct ReviewRequest: Sendable, Hashable, Codable {
  /// Identifies the exchange; must come back.
  public var uid: String
  /// The Server's name, or the GameType's for scaling.
  public var name: String
  /// Its namespace.
  public var namespace: String
  /// Since when the answer is wanted: the Server was made, or changed in place.
  public var status: Status?
  /// The constraints that are pushed.
  public var constraints: [Constraint]?
  /// What is decided.
  public var type: WebhookType?
  /// The object's labels.
  public var labels: [String: String]?
  /// The object's annotations.
  public var annotations: [String: String]?
  /// As configured.
  public var parameters: [String: String]?
  /// The numbers, for scaling.
  public var scaling: ScalingRequest?

  /// Creates a question.
  public init(uid: String, name: String, namespace: String, type: WebhookType? = nil) {
    self.uid = uid
    self.name = name
    self.namespace = namespace
    self.type = type
  }

  /// Since when an answer is wanted.
  public enum Status: String, Sendable, Hashable, Codable {
    /// The Server was made.
    case created = "Created"
    /// The Server's image changed in place.
    case inplaceUpdated = "InplaceUpdated"
  }
}

/// The numbers that a scaling decision starts from.
public struct ScalingRequest: Sendable, Hashable, Codable {
  /// The GameType.
  public var gameName: String
  /// The number that is asked for now.
  public var currentReplicas: Int64
  /// How many Servers are ready.
  public var readyReplicas: Int64
  /// The lowest number that will be taken.
  public var minReplicas: Int64
  /// The highest number that will be taken.
  public var maxReplicas: Int64

  /// Creates the numbers.
  public init(
    gameName: String, currentReplicas: Int64, readyReplicas: Int64, minReplicas: Int64, maxReplicas: Int64
  ) {
    self.gameName = gameName
    self.currentReplicas = currentReplicas
    self.readyReplicas = readyReplicas
    self.minReplicas = minReplicas
    self.maxReplicas = maxReplicas
  }
}

/// The answer.
public struct ReviewResponse: Sendable, Hashable, Codable {
  /// The question's uid.
  public var uid: String
  /// Yes or no.
  ///
  /// For scaling, false is the same as `scale: false`.
  public var allowed: Bool
  /// A sentence for a person.
  public var reason: String?
  /// The decision, for scaling.
  public var scaling: ScalingResponse?

  /// Creates an answer.
  public init(uid: String, allowed: Bool, reason: String? = nil, scaling: ScalingResponse? = nil) {
    self.uid = uid
    self.allowed = allowed
    self.reason = reason
    self.scaling = scaling
  }
}

/// A scaling decision.
public struct ScalingResponse: Sendable, Hashable, Codable {
  /// Whether to change the number at all.
  public var scale: Bool
  /// The number, 0–2147483647.
  public var desiredReplicas: Int64

  /// Creates a decision.
  public init(scale: Bool, desiredReplicas: Int64) {
    self.scale = scale
    self.desiredReplicas = desiredReplicas
  }
}
