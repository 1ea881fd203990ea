package import HTTPTransport

/// Why a webhook gave no answer that counts.
package struct WebhookFailure: Error, Sendable, Hashable, CustomStringConvertible {
  /// The kind of failure, as it stands in statuses, events and metrics.
  package var reason: Reason
  /// One sentence for a person.
  ///
  /// It holds at most an excerpt of an answer, and never a credential.
  package var message: String

  /// Creates a failure.
  package init(_ reason: Reason, _ message: String) {
    self.reason = reason
    self.message = message
  }

  /// The reason and the message.
  package var description: String { "\(self.reason.rawValue): \(self.message)" }

  /// The kinds of failure.
  package enum Reason: String, Sendable, Hashable, CaseIterable {
    /// The host's name has no address.
    case dns = "DNS"
    /// No connection could be made, or it broke.
    case connect = "Connect"
    /// The peer could not be authenticated, or the caBundle is none.
    case tls = "TLS"
    /// The deadline passed.
    case timeout = "Timeout"
    /// The answer's status is not 200.
    case httpStatus = "HTTPStatus"
    /// The answer is larger than 1 MiB.
    case tooLarge = "TooLarge"
    /// The answer is not a review with a usable response.
    case badReview = "BadReview"
    /// The response belongs to another request.
    case uidMismatch = "UIDMismatch"
    /// The configuration names nothing that may be asked.
    case refused = "Refused"
    /// The endpoint failed too often; it was not asked.
    case breakerOpen = "BreakerOpen"
    /// Our own task was cancelled.
    ///
    /// This never stands in a status.
    case cancelled = "Cancelled"
  }

  /// Translates what the transport met.
  package init(_ error: TransportError) {
    self.reason =
      switch error.code {
      case .nameResolution: .dns
      case .security: .tls
      case .timeout: .timeout
      case .tooLarge: .tooLarge
      case .malformedResponse: .badReview
      case .refused, .invalidRequest: .refused
      case .closed: .cancelled
      default: .connect
      }
    self.message = Excerpt.of(error.message)
  }
}

/// Makes text from outside fit for a message: short, and on one line.
package enum Excerpt {
  /// The most characters that are kept.
  package static let limit = 200

  /// The beginning of `text` without control characters.
  package static func of(_ text: some StringProtocol) -> String {
    var result = String.UnicodeScalarView()
    // Scalars rather than characters: one character may be made of any number of scalars.
    for scalar in text.unicodeScalars.prefix(Self.limit) {
      let isControl = scalar.value < 0x20 || (0x7F..<0xA0).contains(scalar.value)
      result.append(isControl ? " " : scalar)
    }
    return String(result)
  }

  /// The beginning of a body.
  package static func of(_ bytes: [UInt8]) -> String {
    Self.of(String(decoding: bytes.prefix(4 * Self.limit), as: UTF8.self))
  }
}
