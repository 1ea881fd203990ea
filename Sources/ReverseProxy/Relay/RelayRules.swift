import HTTPTypes
import NIOCore

/// What one client's relay goes by.
struct RelayRules: Sendable {
  var limits: ProxyLimits
  /// The realm that a client without a token is told.
  var realm: String
  /// The name of the query item that may hold a token; nil for none.
  var queryParameter: String?
  /// Whether what the client says of where the request comes from is passed on.
  var trustsForwarded: Bool
  /// The client's address, without its port.
  var peer: String
  /// Whether a token is one of ours at this moment.
  var isValid: @Sendable (ArraySlice<UInt8>) -> Bool

  /// The largest head of a response, in bytes: the game is trusted with more than its clients.
  static let responseHeadBytes = 64 << 10
  /// How much of a refused request is read, in bytes, so that the answer is not lost in a reset connection.
  static let lingeringBytes = 256 << 10
  /// How long for.
  static let lingering = TimeAmount.seconds(1)
  /// How long an exchange goes on whose client has closed its half: most such clients have gone.
  static let leaving = TimeAmount.seconds(1)

  /// The refusal that an admission comes to; nil when it may pass.
  func refusal(_ admission: Admission) -> Refusal? {
    let challenge = #"Bearer realm="\#(self.realm)""#
    switch admission {
    case .admitted: return nil
    case .missing:
      return Refusal(
        reason: .unauthorized, status: .unauthorized, detail: "this server wants a bearer token",
        fields: [.wwwAuthenticate: challenge])
    case .invalid:
      return Refusal(
        reason: .unauthorized, status: .unauthorized, detail: "the bearer token is not valid",
        fields: [.wwwAuthenticate: challenge + #", error="invalid_token""#])
    case .ambiguous:
      return Refusal(
        reason: .unauthorized, status: .badRequest, detail: "there must be one bearer token",
        fields: [.wwwAuthenticate: challenge + #", error="invalid_request""#])
    }
  }
}
