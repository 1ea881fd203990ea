import HTTPTransport
package import HTTPTypes
package import Hummingbird
import KubernetesModel
package import Logging
package import ServerSupport
import UmpireModel

/// What kube-apiserver posts its admission reviews to: `/validate`, `/default` and `/writer`.
///
/// ```swift
/// let router = HTTPService.router(methods: AdmissionRoutes.methods)
/// AdmissionRoutes(AdmissionHandler(lookups: lookups), logger: logger).add(to: router)
/// try await HTTPService(router, host: host, port: 9443, identity: identity, logger: logger).run()
/// ```
package struct AdmissionRoutes: Sendable {
  /// The methods of each path, for ``HTTPService/router(methods:)``.
  package static let methods: [String: [HTTPRequest.Method]] = [
    "/validate": [.post], "/default": [.post], Self.writer: [.post],
  ]
  /// Where it is judged who changes a Server.
  package static let writer = "/writer"
  /// The largest review, in bytes: two objects as large as kube-apiserver stores them.
  package static let bodyBytes = 3 << 20
  /// The deadline where the caller names none, as kube-apiserver has it.
  static let deadline: Duration = .seconds(10)
  /// The longest deadline that kube-apiserver lets anybody name.
  static let longestDeadline: Duration = .seconds(30)

  private let handler: AdmissionHandler
  private let clock: any Clock<Duration>
  private let logger: Logger
  private let metrics: AdmissionMetrics

  /// Creates routes.
  ///
  /// - Parameters:
  ///   - clock: measures the deadlines.
  ///   - logger: receives a line for every refusal, with the fields and without their values.
  package init(
    _ handler: AdmissionHandler, clock: any Clock<Duration> = TimeoutClock(), logger: Logger,
    metrics: AdmissionMetrics = AdmissionMetrics()
  ) {
    self.handler = handler
    self.clock = clock
    self.logger = logger
    self.metrics = metrics
  }

  /// Adds the routes, each with a deadline: the `timeout` of the request's query, as kube-apiserver sends it.
  package func add(to router: Router<HTTPService.Context>) {
    let handler = self.handler
    router.post("validate") { request, _ in
      try await self.measured("/validate") { try await self.answer(request) { await handler.validate($0) } }
    }
    router.post("default") { request, _ in
      try await self.measured("/default") { try await self.answer(request) { handler.fillIn($0) } }
    }
    router.post("writer") { request, _ in
      try await self.measured(Self.writer) {
        try await self.answer(request) { question in
          do {
            return try await handler.judgeWriter(of: question)
          } catch {
            // Without an answer it is for the webhook's failurePolicy to say.
            self.logger.warning("Writer not looked up", metadata: ["error": "\(error)"])
            throw Problem(.serviceUnavailable, "the Pod that writes could not be looked up")
          }
        }
      }
    }
  }

  private func measured(_ path: String, _ body: () async throws -> Response) async throws -> Response {
    let start = ContinuousClock.now
    do {
      let response = try await body()
      self.metrics.answered(path, code: response.status.code, after: start.duration(to: .now))
      return response
    } catch {
      let code = (error as? any HTTPResponseError)?.status.code ?? 500
      self.metrics.answered(path, code: code, after: start.duration(to: .now))
      throw error
    }
  }

  private func answer(
    _ request: Request, _ answer: @escaping @Sendable (AdmissionRequest) async throws -> AdmissionResponse
  ) async throws -> Response {
    let limit = Self.deadline(of: request.uri.queryParameters["timeout"].map(String.init))
    let response = try await withTimeLimit(limit, clock: self.clock) {
      let question = try Self.question(in: try await request.bytes(upTo: Self.bodyBytes))
      let response = try await answer(question)
      if !response.allowed { self.note(response, to: question) }
      return try Response.json(encoding: AdmissionReview(response: response))
    }
    guard let response else {
      throw Problem(.gatewayTimeout, "the review took longer than \(GoDuration(limit))")
    }
    return response
  }

  private func note(_ response: AdmissionResponse, to question: AdmissionRequest) {
    self.metrics.refused(kind: question.kind.kind)
    let fields = (response.status?.details?.causes ?? []).prefix(10).compactMap(\.field)
    self.logger.info(
      "Write refused",
      metadata: [
        "kind": "\(question.kind.kind)", "namespace": "\(question.namespace ?? "")",
        "name": "\(response.status?.details?.name ?? "")", "fields": .array(fields.map { .string($0) }),
        "user": "\(question.userInfo?.username ?? "")", "pod": "\(CallingPod(question.userInfo)?.key.name ?? "")",
      ])
  }

  /// The time that kube-apiserver waits.
  static func deadline(of text: String?) -> Duration {
    guard let wanted = text.flatMap(GoDuration.init)?.duration, wanted > .zero else { return Self.deadline }
    return min(wanted, Self.longestDeadline)
  }

  /// The question in a body.
  ///
  /// - Throws: a ``Problem`` of 400 that says what is wrong with it.
  static func question(in body: [UInt8]) throws -> AdmissionRequest {
    let review: AdmissionReview
    do {
      review = try JSONText(parsing: body).decoded(as: AdmissionReview.self)
    } catch let error as JSONError {
      throw Problem(.badRequest, "the body is not JSON: \(error)")
    } catch {
      throw Problem(.badRequest, FieldFault(decoding: error).description)
    }
    guard review.apiVersion == AdmissionReview.apiVersion, review.kind == AdmissionReview.kind else {
      throw Problem(.badRequest, "an \(AdmissionReview.kind) of \(AdmissionReview.apiVersion) is expected")
    }
    guard let request = review.request else { throw Problem(.badRequest, "request: Required value") }
    guard (1...128).contains(request.uid.utf8.count) else {
      throw Problem(.badRequest, "request.uid must have 1 to 128 bytes")
    }
    return request
  }
}
