import HTTPTransport
import HTTPTypes
import KubernetesModel
import Metrics
import Synchronization

/// What all copies of a client share: the transport, the credentials, the metrics, and the rate limit if there is one.
final class ClientConnection: Sendable {
  /// What a copy of the client adds to a request.
  struct Terms: Sendable {
    var userAgent: String
    var limits: TransportRequest.Limits
    var mayWrite: @Sendable () -> Bool
  }

  let configuration: ClientConfiguration
  let time: ClientTime
  private let transport: any ClientTransport
  private let credentials: CredentialSource
  private let metrics: ClientMetrics
  private let rateLimit: Mutex<TokenBucket>?

  init(transport: any ClientTransport, configuration: ClientConfiguration, options: APIClient.Options) {
    self.transport = transport
    self.configuration = configuration
    self.time = options.time
    self.credentials = CredentialSource(configuration, time: options.time)
    self.metrics = ClientMetrics(factory: options.metricsFactory, host: configuration.authority)
    self.rateLimit = options.rateLimit.map { Mutex($0) }
  }

  /// Performs one exchange, and one more if the credentials were refused and fresh ones can be had.
  ///
  /// `handle` is given the response of the last one.
  func exchange<Result: Sendable>(
    _ request: ResourceRequest, _ terms: Terms,
    _ handle: (TransportResponse) async throws -> Result
  ) async throws -> Result {
    if let delay = self.rateLimit?.withLock({ $0.take(at: self.time.instant()) }), delay > .zero {
      try await self.time.sleep(delay)
    }
    let current = try await self.currentCredentials()
    let first = try await self.send(request, terms, current) { response in
      guard response.head.status.code == 401, self.credentials.invalidate(sent: current.token) else {
        return Optional(try await handle(response))
      }
      return nil
    }
    if let first { return first }
    let fresh = try await self.currentCredentials()
    return try await self.send(request, terms, fresh, handle)
  }

  private func currentCredentials() async throws -> CredentialSource.Current {
    do {
      return try await self.credentials.current()
    } catch let error as ConfigurationError {
      throw APIError(.invalidRequest, error.message)
    }
  }

  private func send<Result: Sendable>(
    _ request: ResourceRequest, _ terms: Terms,
    _ current: CredentialSource.Current, _ handle: (TransportResponse) async throws -> Result
  ) async throws -> Result {
    var head = HTTPRequest(
      method: request.method, scheme: self.configuration.scheme, authority: self.configuration.authority,
      path: self.configuration.basePath + request.target)
    head.headerFields[.accept] = "application/json"
    head.headerFields[.userAgent] = terms.userAgent
    if let contentType = request.contentType { head.headerFields[.contentType] = contentType }
    if let token = current.token { head.headerFields[.authorization] = "Bearer \(token)" }
    // As late as possible: whatever was waited for before, it counts now.
    guard request.method == .get || terms.mayWrite() else {
      throw TransportError(.refused, "this process may not write now", progress: .nothingSent)
    }
    let started = self.time.instant()
    let isCounted = Mutex(false)
    do {
      return try await self.transport.withResponse(
        to: TransportRequest(head: head, body: request.body, limits: terms.limits, security: current.security)
      ) { response in
        isCounted.withLock { $0 = true }
        self.metrics.answered(
          request.method, code: response.head.status.code, after: self.time.instant() - started)
        return try await handle(response)
      }
    } catch let error as TransportError {
      if !isCounted.withLock({ $0 }) {
        self.metrics.answered(request.method, code: nil, after: self.time.instant() - started)
      }
      // Certificates that were replaced meanwhile are read before the next request.
      if error.code == .security { _ = self.credentials.invalidate(sent: nil) }
      throw error
    }
  }
}
