package import HTTPTransport
package import KubernetesModel

/// Why a request to the API server did not succeed.
package struct APIError: Error, Sendable, CustomStringConvertible {
  /// The kind of failure.
  package var code: Code
  /// One sentence for a person.
  package var message: String

  /// The kind of failure.
  package enum Code: Sendable {
    /// The server refused; its own words.
    case status(Status)
    /// The request or its answer did not come through.
    case transport(TransportError)
    /// The answer is not what the API promises.
    case malformedAnswer
    /// The request cannot be made as it is.
    case invalidRequest
  }

  package init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  package init(_ status: Status) {
    self.init(.status(status), status.message ?? status.reason ?? "the API server answered \(status.code ?? 0)")
  }

  package var description: String { self.message }

  /// The server's answer, if it gave one.
  package var status: Status? {
    if case .status(let status) = self.code { status } else { nil }
  }

  package var isNotFound: Bool { self.status?.isNotFound ?? false }
  package var isConflict: Bool { self.status?.isConflict ?? false }
  package var isAlreadyExists: Bool { self.status?.isAlreadyExists ?? false }
  package var isExpired: Bool { self.status?.isExpired ?? false }
  package var isInvalid: Bool { self.status?.isInvalid ?? false }

  /// Whether the request was not sent, because the client may not write now; see ``APIClient/writing(onlyIf:)``.
  package var isWithheld: Bool {
    if case .transport(let error) = self.code { error.code == .refused } else { false }
  }

  /// How long the server asked to wait.
  package var retryAfter: Duration? {
    (self.status?.details?.retryAfterSeconds).map { .seconds($0) }
  }
}
