import CurlTransport
import HTTPTransport
import HTTPTypes
import Testing

extension TransportRequest {
  /// A request to a test's server over plain HTTP.
  static func to(
    _ authority: String, _ method: HTTPRequest.Method = .get, path: String = "/", fields: HTTPFields = [:],
    body: String = "", limits: Limits = Limits(total: .seconds(20))
  ) -> TransportRequest {
    TransportRequest(
      head: HTTPRequest(method: method, scheme: "http", authority: authority, path: path, headerFields: fields),
      body: Array(body.utf8), limits: limits)
  }
}

/// Runs `body` with a transport that is shut down afterwards.
func withTransport<Result>(
  _ configuration: CurlHTTPTransport.Configuration = .init(),
  _ body: (CurlHTTPTransport) async throws -> Result
) async throws -> Result {
  let transport = CurlHTTPTransport(configuration: configuration)
  defer { transport.shutdown() }
  return try await body(transport)
}

/// The transport error that `body` throws; any other outcome is recorded as an issue.
func transportError(
  sourceLocation: SourceLocation = #_sourceLocation, _ body: () async throws -> Void
) async -> TransportError? {
  do {
    try await body()
    Issue.record("nothing was thrown", sourceLocation: sourceLocation)
  } catch let error as TransportError {
    return error
  } catch {
    Issue.record(error, sourceLocation: sourceLocation)
  }
  return nil
}

/// Looks until `condition` holds, for at most 20 seconds.
func eventually(
  sourceLocation: SourceLocation = #_sourceLocation, _ condition: () async throws -> Bool
) async throws {
  let deadline = ContinuousClock.now.advanced(by: .seconds(20))
  while try await !condition() {
    guard ContinuousClock.now < deadline else {
      Issue.record("the condition never held", sourceLocation: sourceLocation)
      return
    }
    try await Task.sleep(for: .milliseconds(5))
  }
}
