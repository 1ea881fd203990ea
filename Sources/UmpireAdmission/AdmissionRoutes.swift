package import HTTPTypes
package import Hummingbird
import KubernetesModel
package import ServerSupport
import UmpireModel

/// What kube-apiserver posts its admission reviews to: `/validate` and `/default`.
///
/// ```swift
/// let router = HTTPService.router(methods: AdmissionRoutes.methods)
/// AdmissionRoutes(AdmissionHandler(lookups: stores)).add(to: router)
/// try await HTTPService(router, host: host, port: 9443, certificate: certificate, logger: logger).run()
/// ```
package struct AdmissionRoutes: Sendable {
  /// The methods of each path, for ``HTTPService/router(methods:)``.
  package static let methods: [String: [HTTPRequest.Method]] = ["/validate": [.post], "/default": [.post]]
  /// The largest review, in bytes: two objects as large as kube-apiserver stores them.
  package static let bodyBytes = 3 << 20
  /// The deadline where the caller names none, as kube-apiserver has it.
  static let deadline: Duration = .seconds(10)
  /// The longest deadline that kube-apiserver lets anybody name.
  static let longestDeadline: Duration = .seconds(30)

  private let handler: AdmissionHandler
  private let clock: any Clock<Duration>

  /// Creates routes; `clock` measures the deadlines.
  package init(_ handler: AdmissionHandler, clock: any Clock<Duration> = ContinuousClock()) {
    self.handler = handler
    self.clock = clock
  }

  /// Adds the routes, each with a deadline: the `timeout` of the request's query, as kube-apiserver sends it.
  package func add(to router: Router<HTTPService.Context>) {
    let handler = self.handler
    router.post("validate") { request, _ in
      try await self.answer(request) { await handler.validate($0) }
    }
    router.post("default") { request, _ in
      try await self.answer(request) { handler.fillIn($0) }
    }
  }

  private func answer(
    _ request: Request, _ answer: @escaping @Sendable (AdmissionRequest) async -> AdmissionResponse
  ) async throws -> Response {
    try await self.withDeadline(Self.deadline(of: request.uri.queryParameters["timeout"].map(String.init))) {
      let question = try Self.question(in: try await request.bytes(upTo: Self.bodyBytes))
      return try Response.json(encoding: AdmissionReview(response: await answer(question)))
    }
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

  private func withDeadline(
    _ limit: Duration, _ operation: @escaping @Sendable () async throws -> Response
  ) async throws -> Response {
    let clock = self.clock
    return try await withThrowingTaskGroup(of: Response?.self) { group in
      group.addTask { try await operation() }
      group.addTask {
        try await clock.sleep(for: limit)
        return nil
      }
      defer { group.cancelAll() }
      guard let response = try await group.next() ?? nil else {
        throw Problem(.gatewayTimeout, "the review took longer than \(GoDuration(limit))")
      }
      return response
    }
  }
}
