import FoundationEssentials
package import HTTPTransport
import HTTPTypes
package import KubernetesModel

/// Typed requests to a Kubernetes API server.
///
/// A value that is cheap to pass around; all state is in the transport.
package struct APIClient: Sendable {
  private let transport: any HTTPTransport
  private let configuration: ClientConfiguration
  private let tokens: TokenSource
  /// Sent as the field manager of every write.
  package let fieldManager: String

  package init(transport: any HTTPTransport, configuration: ClientConfiguration, fieldManager: String) {
    self.transport = transport
    self.configuration = configuration
    self.tokens = TokenSource(configuration.credentials)
    self.fieldManager = fieldManager
  }

  /// A client whose writes are attributed to another field manager.
  package func withFieldManager(_ fieldManager: String) -> APIClient {
    APIClient(transport: self.transport, configuration: self.configuration, fieldManager: fieldManager)
  }

  /// The namespace to use where none is named.
  package var defaultNamespace: String { self.configuration.namespace }

  /// Sends a request and gives its answer's body.
  ///
  /// - Throws: ``APIError`` for any status of 400 or more, and for what went wrong on the way.
  package func send(_ request: ResourceRequest) async throws -> [UInt8] {
    let answer: CollectedResponse
    do {
      answer = try await self.transport.collect(self.transportRequest(request, limits: Self.limits))
    } catch let error as TransportError {
      throw APIError(.transport(error), "\(request.method) \(request.path): \(error.message)")
    }
    guard answer.head.status.code < 400 else { throw self.refusal(answer.head, answer.body, request) }
    return answer.body
  }

  /// Sends a request and decodes its answer.
  package func send<Value: Decodable>(_ request: ResourceRequest, as type: Value.Type) async throws -> Value {
    let body = try await self.send(request)
    do {
      return try JSONDecoder().decode(Value.self, from: Data(body))
    } catch {
      throw APIError(.malformedAnswer, "\(request.method) \(request.path): \(Self.describe(error))")
    }
  }

  /// Opens a stream and hands its chunks to `handle`; the stream ends when `handle` returns.
  package func stream<Result: Sendable>(
    _ request: ResourceRequest, idle: Duration?, _ handle: (ResponseBody) async throws -> Result
  ) async throws -> Result {
    let limits = TransportRequest.Limits(total: nil, idle: idle)
    do {
      return try await self.transport.withResponse(to: self.transportRequest(request, limits: limits)) { response in
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

  private func transportRequest(
    _ request: ResourceRequest, limits: TransportRequest.Limits
  ) throws -> TransportRequest {
    var head = HTTPRequest(
      method: request.method, scheme: self.configuration.scheme, authority: self.configuration.authority,
      path: self.configuration.basePath + request.target)
    head.headerFields[.accept] = "application/json"
    head.headerFields[.userAgent] = self.configuration.userAgent
    if let contentType = request.contentType { head.headerFields[.contentType] = contentType }
    do {
      if let token = try self.tokens.token() { head.headerFields[.authorization] = "Bearer \(token)" }
    } catch {
      throw APIError(.invalidRequest, error.message)
    }
    return TransportRequest(
      head: head, body: request.body, limits: limits, security: self.configuration.security)
  }

  private func refusal(_ head: HTTPResponse, _ body: [UInt8], _ request: ResourceRequest) -> APIError {
    if head.status.code == 401 { self.tokens.invalidate() }
    // An answer that is no Status comes from something in between; the code alone is known then.
    if var status = try? JSONDecoder().decode(Status.self, from: Data(body)), status.kind == "Status" {
      status.code = status.code ?? head.status.code
      return APIError(status)
    }
    return APIError(
      Status(
        code: head.status.code, reason: nil,
        message: "\(request.method) \(request.path): the server answered \(head.status.code)"))
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
