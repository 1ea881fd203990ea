import HTTPTypes
import ServerSupport
import UmpireModel

/// What `PUT /state` changes: the fields that are there, and no others.
struct StateUpdate: Decodable, Sendable {
  private var numbers: [Number: Int] = [:]
  private var answers: AnswersUpdate?
  private var scale: ScaleUpdate = .unchanged

  private enum Number: String, CaseIterable {
    case players, playersPerServer, spare, minimum, maximum
  }

  private struct AnswersUpdate: Decodable, Sendable {
    var ready: Bool?
    var deletable: Bool?
    var constraint: Bool?
  }

  private enum ScaleUpdate: Sendable {
    case unchanged
    case policy
    case fixed(ScalingResponse)
  }

  /// Fields of `GET /state` that cannot be set; they may come back unchanged.
  private static let readOnly: Set<String> = ["desiredReplicas", "constraints"]

  private struct Key: CodingKey {
    var stringValue: String
    var intValue: Int? { nil }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    for key in container.allKeys {
      if let number = Number(rawValue: key.stringValue) {
        self.numbers[number] = try container.decode(Int.self, forKey: key)
      } else if key.stringValue == "answers" {
        self.answers = try container.decode(AnswersUpdate.self, forKey: key)
      } else if key.stringValue == "scale" {
        let fixed = try container.decodeIfPresent(ScalingResponse.self, forKey: key)
        self.scale = fixed.map(ScaleUpdate.fixed) ?? .policy
      } else if !Self.readOnly.contains(key.stringValue) {
        // A misspelt field would otherwise seem to have been set.
        throw Problem(.badRequest, "'\(key.stringValue)' is not known; \(Self.known) can be set")
      }
    }
  }

  private static let known = (Number.allCases.map(\.rawValue) + ["answers", "scale"]).joined(separator: ", ")

  /// Changes `state`, wholly or not at all.
  ///
  /// - Throws: A ``Problem`` of 400 when the numbers do not fit together.
  func apply(to state: inout ReferenceState) throws(Problem) {
    var policy = state.policy
    for (number, value) in self.numbers {
      switch number {
      case .players: policy.players = value
      case .playersPerServer: policy.playersPerServer = value
      case .spare: policy.spare = value
      case .minimum: policy.minimum = value
      case .maximum: policy.maximum = value
      }
    }
    if let violation = policy.violation { throw Problem(.badRequest, violation) }
    if case .fixed(let scale) = self.scale, !(0...Int64(BufferPolicy.largest)).contains(scale.desiredReplicas) {
      throw Problem(.badRequest, "scale.desiredReplicas must be from 0 to \(BufferPolicy.largest)")
    }
    state.policy = policy
    if let ready = self.answers?.ready { state.answers.ready = ready }
    if let deletable = self.answers?.deletable { state.answers.deletable = deletable }
    if let constraint = self.answers?.constraint { state.answers.constraint = constraint }
    switch self.scale {
    case .unchanged: ()
    case .policy: state.scale = nil
    case .fixed(let scale): state.scale = scale
    }
  }
}

/// What `GET /state` tells.
struct StateDocument: Encodable, Sendable {
  var players: Int
  var playersPerServer: Int
  var spare: Int
  var minimum: Int
  var maximum: Int
  var desiredReplicas: Int
  var answers: ReferenceState.Answers
  var scale: ScalingResponse?
  var constraints: [ReferenceState.ConstraintPush]

  init(_ state: ReferenceState) {
    self.players = state.policy.players
    self.playersPerServer = state.policy.playersPerServer
    self.spare = state.policy.spare
    self.minimum = state.policy.minimum
    self.maximum = state.policy.maximum
    self.desiredReplicas = state.policy.desiredReplicas
    self.answers = state.answers
    self.scale = state.scale
    self.constraints = state.constraints
  }
}
