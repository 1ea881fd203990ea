import HTTPTypes
package import Hummingbird
package import Logging
package import Observability
package import ServerSupport
import Synchronization
import UmpireModel

/// Answers Umpire's questions from a state that a person sets: the webhook service to begin with, and to copy.
///
/// | route | answer |
/// |---|---|
/// | `POST /scale` | how many servers: ``BufferPolicy`` |
/// | `POST /ready`, `/deletable` | yes or no, as set |
/// | `POST /constraint` | acknowledged, and kept for `GET /state` |
/// | `GET /state`, `PUT /state` | the numbers and answers; `PUT` changes the fields that it names |
/// | `GET /healthz`, `/livez`, `/readyz`, `/metrics` | as everywhere |
///
/// An answer follows from the state alone, and asking changes nothing: a review that comes twice, because the first
/// answer was lost, gets the same answer, and its constraints are kept once. With a ``SignatureGuard`` a review is
/// looked at only if it is signed; a message that is not, or came before, gets 401.
package final class ReferenceWebhookServer: Sendable {
  private let state = Mutex(ReferenceState())
  private let signatures: SignatureGuard?
  private let logger: Logger

  /// The largest review, in bytes: labels and annotations come along.
  package static let reviewBytes = 1 << 20

  /// Creates a server with the default state.
  ///
  /// - Parameter signatures: whose messages are believed; nil to believe everybody.
  package init(signatures: SignatureGuard? = nil, logger: Logger) {
    self.signatures = signatures
    self.logger = logger
  }

  /// The routes, to be served by an ``HTTPService``.
  package func router(metrics: MetricsRegistry) -> Router<HTTPService.Context> {
    let reviews: [(path: String, type: WebhookType)] = [
      ("/scale", .scaling), ("/ready", .readiness), ("/deletable", .deletable), ("/constraint", .constraint),
    ]
    let router = HTTPService.router(
      methods: Dictionary(uniqueKeysWithValues: reviews.map { ($0.path, [.post]) }).merging(
        ["/state": [.get, .head, .put]]) { $1 })
    router.addHealthRoutes()
    router.addMetricsRoute(metrics)
    for review in reviews {
      router.post(RouterPath(review.path)) { request, _ in try await self.review(request, as: review.type) }
    }
    router.get("/state") { _, _ in try self.stateResponse() }
    router.put("/state") { request, _ in
      let update = try await request.json(as: StateUpdate.self, upTo: Self.reviewBytes)
      try self.state.withLock { state throws(Problem) in try update.apply(to: &state) }
      return try self.stateResponse()
    }
    return router
  }

  private func review(_ request: Request, as type: WebhookType) async throws -> Response {
    let body = try await request.bytes(upTo: Self.reviewBytes)
    try self.signatures?.admit(request.headers, body: body)
    var review = try body.json(as: WebhookReview.self)
    guard let question = review.request else { throw Problem(.badRequest, "request is missing") }
    guard !question.uid.isEmpty else { throw Problem(.badRequest, "request.uid is empty") }
    if let asked = question.type, asked != type {
      throw Problem(.badRequest, "request.type is \(asked.rawValue), and this path answers \(type.rawValue)")
    }
    let answer = self.state.withLock { $0.answer(question, as: type) }
    review.response = answer
    self.logger.debug(
      "Review answered",
      metadata: [
        "review.type": .string(type.rawValue), "review.name": .string(question.name),
        "review.allowed": .stringConvertible(answer.allowed),
      ])
    return try .json(encoding: review)
  }

  private func stateResponse() throws -> Response {
    try .json(encoding: StateDocument(self.state.withLock { $0 }))
  }
}
