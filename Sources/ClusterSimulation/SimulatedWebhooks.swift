import HTTPTransport
import HTTPTypes
import KubernetesModel
import Synchronization
import TestSupport

/// The studio's webhooks: they permit a Server to go when nobody plays on it, and name the number that they are told to.
///
/// While they are down each question goes wrong in another way.
final class SimulatedWebhooks: Sendable {
  static let authority = "webhooks:8000"

  /// A number that a webhook has named.
  struct Recommendation: Sendable {
    var at: Duration
    var replicas: Int64
  }

  private struct State {
    var replicas: Int64 = 0
    var recommendations: [Recommendation] = []
    var downUntil = Duration.zero
    var failures = 0
    var answers = 0
  }

  private let state = Mutex(State())
  private let game: SimulatedGame
  private let time: SimulatedTime

  init(game: SimulatedGame, time: SimulatedTime) {
    self.game = game
    self.time = time
  }

  /// Has so many Servers asked for.
  func ask(for replicas: Int64) { self.state.withLock { $0.replicas = replicas } }

  /// The numbers that were named, oldest first.
  var recommendations: [Recommendation] { self.state.withLock { $0.recommendations } }

  /// How many questions were answered, and how many were not as they should be.
  var counts: (answers: Int, failures: Int) { self.state.withLock { ($0.answers, $0.failures) } }

  /// Until when no question is answered as it should be.
  var downUntil: Duration { self.state.withLock { $0.downUntil } }

  /// No question is answered as it should be for half a minute.
  func interrupt() {
    let end = self.time.elapsed + .seconds(30)
    self.state.withLock { $0.downUntil = end }
  }

  func answer(_ request: TransportRequest) async throws -> ScriptedTransport.Answer {
    let question = try JSONValue(parsing: request.body)["request"] ?? [:]
    let now = self.time.elapsed
    let failure = self.state.withLock { state -> Int? in
      guard state.downUntil > now else {
        state.answers += 1
        return nil
      }
      state.failures += 1
      return state.failures
    }
    if let failure { return try await self.fail(failure, question) }
    let uid = question["uid"] ?? ""
    switch request.head.path {
    case "/scale":
      let replicas = self.state.withLock { state in
        state.recommendations.append(Recommendation(at: now, replicas: state.replicas))
        return state.replicas
      }
      return Self.review(["uid": uid, "allowed": true, "scaling": Self.scaling(replicas)])
    case "/deletable":
      let players = self.game.players(on: question["name"]?.stringValue ?? "")
      return Self.review(["uid": uid, "allowed": .bool(players == 0)])
    case "/constraint": return Self.review(["uid": uid, "allowed": true])
    default: return .body("", status: .notFound)
    }
  }

  /// What goes wrong; whoever takes any of it for an answer has everything deleted.
  private func fail(_ number: Int, _ question: JSONValue) async throws -> ScriptedTransport.Answer {
    let uid = question["uid"] ?? ""
    switch number % 7 {
    case 0: return .failure(TransportError(.connect, "nobody is there", progress: .nothingSent))
    case 1:
      try await self.time.sleep(.seconds(5))
      return .failure(TransportError(.timeout, "no answer came", progress: .noAnswer))
    case 2: return .body("<html>it works!</html>")
    case 3: return .body("{}", status: .internalServerError)
    case 4: return Self.review(["uid": "another", "allowed": true, "scaling": Self.scaling(0)])
    case 5: return Self.review(["uid": uid, "allowed": "yes", "scaling": Self.scaling(-1)])
    default: return .body(#"{"response":null}"#)
    }
  }

  private static func scaling(_ replicas: Int64) -> JSONValue {
    ["scale": true, "desiredReplicas": .integer(replicas)]
  }

  private static func review(_ response: JSONValue) -> ScriptedTransport.Answer {
    .body(String(decoding: (["response": response] as JSONValue).serialized(), as: UTF8.self))
  }
}
