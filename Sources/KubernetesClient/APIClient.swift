package import HTTPTransport
import HTTPTypes
package import KubernetesModel
package import Metrics

/// Typed requests to a Kubernetes API server.
///
/// A value that is cheap to pass around; copies share the transport, the credentials and the metrics. Every request has
/// a deadline. What the server refused for now, and what a broken connection lost, is sent again where nothing can have
/// been done twice.
package struct APIClient: Sendable {
  private let connection: ClientConnection
  private let userAgent: String
  private let mayWrite: @Sendable () -> Bool
  /// Sent as the field manager of every write.
  package let fieldManager: String

  package init(
    transport: any ClientTransport, configuration: ClientConfiguration, fieldManager: String,
    options: Options = Options()
  ) {
    self.init(
      connection: ClientConnection(transport: transport, configuration: configuration, options: options),
      fieldManager: fieldManager, mayWrite: { true })
  }

  private init(connection: ClientConnection, fieldManager: String, mayWrite: @escaping @Sendable () -> Bool) {
    self.connection = connection
    self.mayWrite = mayWrite
    self.fieldManager = fieldManager
    self.userAgent = connection.configuration.userAgent ?? UserAgent.text(component: fieldManager)
  }

  /// What a client can do without.
  package struct Options: Sendable {
    /// Where `rest_client_…` metrics go.
    package var metricsFactory: any MetricsFactory
    /// How many requests may go out; nil for no limit, as the server has its own rules of fairness.
    package var rateLimit: TokenBucket?
    /// Clocks and chance.
    package var time: ClientTime

    package init(
      metricsFactory: any MetricsFactory = NOOPMetricsHandler.instance, rateLimit: TokenBucket? = nil,
      time: ClientTime = ClientTime()
    ) {
      self.metricsFactory = metricsFactory
      self.rateLimit = rateLimit
      self.time = time
    }
  }

  /// A client whose writes are attributed to another field manager.
  package func withFieldManager(_ fieldManager: String) -> APIClient {
    APIClient(connection: self.connection, fieldManager: fieldManager, mayWrite: self.mayWrite)
  }

  /// A client that asks right before every write, every further try included, whether it may.
  ///
  /// A write that may not be sent fails with a transport error of code `refused`.
  package func writing(onlyIf mayWrite: @escaping @Sendable () -> Bool) -> APIClient {
    let before = self.mayWrite
    return APIClient(
      connection: self.connection, fieldManager: self.fieldManager, mayWrite: { before() && mayWrite() })
  }

  /// The namespace to use where none is named.
  package var defaultNamespace: String { self.connection.configuration.namespace }

  /// The clocks that the client was given.
  var time: ClientTime { self.connection.time }

  /// Sends a request and gives its answer's body.
  ///
  /// - Throws: ``APIError`` for any status of 400 or more, and for what went wrong on the way.
  package func send(_ request: ResourceRequest) async throws -> [UInt8] {
    var rule = RetryRule(method: request.method)
    while true {
      let failure: RetryRule.Failure
      let thrown: APIError
      do {
        let answer = try await self.connection.exchange(request, self.terms(Self.limits)) {
          let body = try await $0.body.collect(upTo: Self.limits.responseBytes)
          return CollectedResponse(head: $0.head, body: body)
        }
        guard answer.head.status.code >= 400 else { return answer.body }
        thrown = self.refusal(answer.head, answer.body, request)
        failure = .refused(code: answer.head.status.code, retryAfter: thrown.retryAfter)
      } catch let error as TransportError {
        thrown = APIError(.transport(error), "\(request.method) \(request.path): \(error.message)")
        failure = .broken(error)
      }
      switch rule.failed(failure, jitter: self.time.jitter()) {
      case .giveUp: throw thrown
      case .sendAgain(let delay): if delay > .zero { try await self.time.sleep(delay) }
      }
      try Task.checkCancellation()
    }
  }

  /// Sends a request and decodes its answer.
  package func send<Value: Decodable>(_ request: ResourceRequest, as type: Value.Type) async throws -> Value {
    let body = try await self.send(request)
    do {
      return try JSONText(parsing: body).decoded(as: type)
    } catch {
      throw APIError(.malformedAnswer, "\(request.method) \(request.path): \(Self.describe(error))")
    }
  }

  /// Opens a stream and hands its chunks to `handle`; the stream ends when `handle` returns.
  ///
  /// - Parameters:
  ///   - total: how long the stream may last; nil for ever.
  ///   - idle: how long nothing may come before the connection counts as dead.
  package func stream<Result: Sendable>(
    _ request: ResourceRequest, total: Duration? = nil, idle: Duration?,
    _ handle: (ResponseBody) async throws -> Result
  ) async throws -> Result {
    let limits = TransportRequest.Limits(total: total, idle: idle)
    do {
      return try await self.connection.exchange(request, self.terms(limits)) { response in
        guard response.head.status.code < 400 else {
          throw self.refusal(response.head, try await response.body.collect(upTo: 1 << 20), request)
        }
        return try await handle(response.body)
      }
    } catch let error as TransportError {
      throw APIError(.transport(error), "\(request.method) \(request.path): \(error.message)")
    }
  }

  /// Every short request has a deadline.
  private static let limits = TransportRequest.Limits(total: .seconds(30), responseBytes: 256 << 20)

  private func terms(_ limits: TransportRequest.Limits) -> ClientConnection.Terms {
    ClientConnection.Terms(userAgent: self.userAgent, limits: limits, mayWrite: self.mayWrite)
  }

  private func refusal(_ head: HTTPResponse, _ body: [UInt8], _ request: ResourceRequest) -> APIError {
    // An answer that is no Status comes from something in between; the code alone is known then.
    let answer = try? JSONText(parsing: body).decoded(as: Status.self)
    var status =
      answer.flatMap { $0.kind == "Status" ? $0 : nil }
      ?? Status(
        code: head.status.code, reason: nil,
        message: "\(request.method) \(request.path): the server answered \(head.status.code)")
    status.code = status.code ?? head.status.code
    // The header counts where the body says nothing; dates instead of seconds are not used by Kubernetes.
    if let text = head.headerFields[.retryAfter], let seconds = Int(text), (0...86_400).contains(seconds),
      status.details?.retryAfterSeconds == nil
    {
      var details = status.details ?? Status.Details()
      details.retryAfterSeconds = seconds
      status.details = details
    }
    return APIError(status)
  }

  static func describe(_ error: any Error) -> String {
    guard let error = error as? DecodingError else { return "\(error)" }
    switch error {
    case .typeMismatch(_, let context), .valueNotFound(_, let context), .keyNotFound(_, let context),
      .dataCorrupted(let context):
      let path = context.codingPath.map { $0.intValue.map { "[\($0)]" } ?? $0.stringValue }.joined(separator: ".")
      return path.isEmpty ? context.debugDescription : "\(path): \(context.debugDescription)"
    @unknown default: return "\(error)"
    }
  }
}
