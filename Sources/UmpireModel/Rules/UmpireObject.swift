public import KubernetesModel

/// An object of any of Umpire's kinds.
public enum UmpireObject: Sendable, Hashable {
  /// One game server.
  case server(Server)
  /// Replicas of one Server spec.
  case fleet(Fleet)
  /// One or two Fleets.
  case gameType(GameType)
  /// Whom to ask.
  case webhookConfiguration(WebhookConfiguration)
  /// How many.
  case gameAutoscaler(GameAutoscaler)

  /// The names of the kinds.
  public static let kinds = [
    Server.resourceType, Fleet.resourceType, GameType.resourceType, WebhookConfiguration.resourceType,
    GameAutoscaler.resourceType,
  ].map(\.kind)

  /// Reads an object.
  ///
  /// - Parameter kind: one of ``kinds``.
  /// - Returns: nil if the kind is none of Umpire's.
  /// - Throws: what is wrong with the first field that is not what its type wants.
  public init?(_ json: JSONValue, kind: String) throws(FieldFault) {
    switch kind {
    case Server.resourceType.kind: self = .server(try Self.decode(json))
    case Fleet.resourceType.kind: self = .fleet(try Self.decode(json))
    case GameType.resourceType.kind: self = .gameType(try Self.decode(json))
    case WebhookConfiguration.resourceType.kind: self = .webhookConfiguration(try Self.decode(json))
    case GameAutoscaler.resourceType.kind: self = .gameAutoscaler(try Self.decode(json))
    default: return nil
    }
  }

  private static func decode<Value: Decodable>(_ json: JSONValue) throws(FieldFault) -> Value {
    do {
      return try json.decoded(as: Value.self)
    } catch {
      throw FieldFault(decoding: error)
    }
  }

  /// The object's metadata.
  public var metadata: ObjectMeta {
    switch self {
    case .server(let server): server.metadata
    case .fleet(let fleet): fleet.metadata
    case .gameType(let gameType): gameType.metadata
    case .webhookConfiguration(let configuration): configuration.metadata
    case .gameAutoscaler(let autoscaler): autoscaler.metadata
    }
  }

  /// The WebhookConfiguration that the object names, in its own namespace.
  public var webhookConfigurationName: String? {
    switch self {
    case .server(let server): server.webhookConfigurationName
    case .fleet(let fleet): fleet.webhookConfigurationName
    case .gameType(let gameType): gameType.webhookConfigurationName
    case .webhookConfiguration: nil
    case .gameAutoscaler(let autoscaler): autoscaler.webhookConfigurationName
    }
  }

  /// What is known of other objects.
  public struct Surroundings: Sendable {
    /// The WebhookConfiguration that the object names; nil where it is not known.
    public var configuration: WebhookConfiguration?
    /// The autoscalers that there are already.
    public var autoscalers: [GameAutoscaler]

    /// Creates surroundings, of which nothing is known unless it is given.
    public init(configuration: WebhookConfiguration? = nil, autoscalers: [GameAutoscaler] = []) {
      self.configuration = configuration
      self.autoscalers = autoscalers
    }
  }

  /// Everything that is wrong with the object, or unwise.
  ///
  /// - Parameter old: what is replaced; one of another kind counts as none.
  public func problems(
    replacing old: UmpireObject? = nil, among surroundings: Surroundings = Surroundings()
  ) -> [FieldProblem] {
    let configuration = surroundings.configuration
    switch (self, old) {
    case (.server(let new), .server(let old)): return new.problems(replacing: old, asking: configuration)
    case (.server(let new), _): return new.problems(asking: configuration)
    case (.fleet(let new), .fleet(let old)): return new.problems(replacing: old, asking: configuration)
    case (.fleet(let new), _): return new.problems(asking: configuration)
    case (.gameType(let new), .gameType(let old)): return new.problems(replacing: old, asking: configuration)
    case (.gameType(let new), _): return new.problems(asking: configuration)
    case (.webhookConfiguration(let new), .webhookConfiguration(let old)): return new.problems(replacing: old)
    case (.webhookConfiguration(let new), _): return new.problems()
    case (.gameAutoscaler(let new), .gameAutoscaler(let old)):
      return new.problems(replacing: old, beside: surroundings.autoscalers, asking: configuration)
    case (.gameAutoscaler(let new), _):
      return new.problems(beside: surroundings.autoscalers, asking: configuration)
    }
  }
}
