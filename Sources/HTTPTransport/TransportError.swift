/// Why an exchange failed.
public struct TransportError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The kind of failure.
  public var code: Code
  /// One sentence for a person.
  ///
  /// It never holds a header, a body or a secret.
  public var message: String
  /// What is known of how far the request had come.
  public var progress: Progress

  /// Creates an error.
  public init(_ code: Code, _ message: String, progress: Progress = .unknown) {
    self.code = code
    self.message = message
    self.progress = progress
  }

  /// The code and the message.
  public var description: String { "\(self.code): \(self.message)" }

  /// Whether the same request may be sent again without the risk that it is carried out twice.
  public var isSafeToRetry: Bool { self.progress == .nothingSent }

  /// How far a request had come when it failed.
  public enum Progress: Sendable, Hashable {
    /// The peer cannot have seen any of it.
    case nothingSent
    /// It was sent, wholly or in part, and no byte of an answer came back.
    case noAnswer
    /// The answer broke off.
    case answerBegun
    /// Nothing is known.
    case unknown
  }

  /// The kind of failure.
  ///
  /// New kinds may be added.
  public struct Code: Sendable, Hashable, CustomStringConvertible {
    private enum Kind: String {
      case invalidRequest, nameResolution, connect, security, timeout, connectionBroken, tooLarge, malformedResponse
      case refused, closed
    }
    private let kind: Kind
    /// The code's name.
    public var description: String { self.kind.rawValue }

    /// The request cannot be sent as it is: no scheme, a malformed URL or certificate.
    public static let invalidRequest = Code(kind: .invalidRequest)
    /// The host's name has no address.
    public static let nameResolution = Code(kind: .nameResolution)
    /// No connection could be made.
    public static let connect = Code(kind: .connect)
    /// TLS failed: an unknown authority, an expired certificate, another host's name.
    public static let security = Code(kind: .security)
    /// A deadline passed.
    public static let timeout = Code(kind: .timeout)
    /// The connection broke after it had been made.
    public static let connectionBroken = Code(kind: .connectionBroken)
    /// The answer was larger than allowed.
    public static let tooLarge = Code(kind: .tooLarge)
    /// The answer was not HTTP.
    public static let malformedResponse = Code(kind: .malformedResponse)
    /// Our own policy forbids this address.
    public static let refused = Code(kind: .refused)
    /// The transport has been shut down.
    public static let closed = Code(kind: .closed)
  }
}
