import HTTPTransport
import KubernetesClient
import KubernetesModel

/// How long and how often a server that may still be starting is asked.
struct AccessWait: Sendable {
  /// The pauses together are about this long at most.
  var limit: Duration = .seconds(60)
  var firstPause: Duration = .milliseconds(250)
  var longestPause: Duration = .seconds(5)

  /// Asks until there is an answer, or a failure that waiting does not mend.
  ///
  /// - Parameters:
  ///   - report: Told the first failure that is waited for.
  ///   - sleep: Waits between two questions.
  /// - Throws: The last failure.
  func run(
    asking ask: () async throws -> Void, report: (APIError) -> Void,
    sleep: (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
  ) async throws {
    var waited = Duration.zero
    var pause = self.firstPause
    while true {
      do {
        return try await ask()
      } catch let error as APIError where Self.mayPass(error) && waited < self.limit {
        if waited == .zero { report(error) }
        try await sleep(pause)
        waited += pause
        pause = min(pause * 2, self.longestPause)
      }
    }
  }

  /// Whether a failure is one of a server that is not up yet.
  static func mayPass(_ error: APIError) -> Bool {
    switch error.code {
    case .status(let status): status.code == 503
    case .transport(let error): [.connect, .connectionBroken, .timeout, .nameResolution].contains(error.code)
    case .malformedAnswer, .invalidRequest: false
    }
  }
}
