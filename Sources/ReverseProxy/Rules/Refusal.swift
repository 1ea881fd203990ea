import HTTPTypes
import NIOCore

/// A request that the proxy answers itself, as a problem document (RFC 9457).
struct Refusal: Error, Sendable, Hashable {
  /// Why, as a label of the metrics.
  enum Reason: String, Sendable, CaseIterable {
    case unauthorized, malformed, unsupported, headerTooLarge = "header_too_large", bodyTooLarge = "body_too_large"
    case slow, upstream
  }

  var reason: Reason
  var status: HTTPResponse.Status
  /// One sentence for a person: always one of ours, never text of a request.
  var detail: String
  var fields: HTTPFields = [:]

  /// 400.
  static func malformed(_ detail: String) -> Refusal {
    Refusal(reason: .malformed, status: .badRequest, detail: detail)
  }

  /// 501.
  static func unsupported(_ detail: String) -> Refusal {
    Refusal(reason: .unsupported, status: .notImplemented, detail: detail)
  }

  /// 502.
  static func badGateway(_ detail: String) -> Refusal {
    Refusal(reason: .upstream, status: .badGateway, detail: detail)
  }

  /// 504.
  static func gatewayTimeout(_ detail: String) -> Refusal {
    Refusal(reason: .upstream, status: .gatewayTimeout, detail: detail)
  }

  /// 413.
  static let bodyTooLarge = Refusal(
    reason: .bodyTooLarge, status: .contentTooLarge, detail: "the body is larger than this server takes")

  /// 408.
  static let slow = Refusal(reason: .slow, status: .requestTimeout, detail: "the request did not come in time")

  /// What is said about bytes that are no request.
  init(_ error: MessageError) {
    switch error {
    case .malformed(let rule): self = .malformed("not an HTTP/1.1 request: \(rule)")
    case .tooLarge:
      self.init(
        reason: .headerTooLarge, status: .requestHeaderFieldsTooLarge,
        detail: "the header fields are larger than this server takes")
    case .unsupportedVersion:
      self.init(reason: .unsupported, status: .httpVersionNotSupported, detail: "this server speaks HTTP/1.1")
    }
  }

  init(reason: Reason, status: HTTPResponse.Status, detail: String, fields: HTTPFields = [:]) {
    self.reason = reason
    self.status = status
    self.detail = detail
    self.fields = fields
  }

  /// The whole response.
  ///
  /// - Parameters:
  ///   - withoutBody: whether the request's method was HEAD.
  ///   - closes: whether the connection ends behind it.
  func response(withoutBody: Bool, closes: Bool) -> ByteBuffer {
    let document = """
      {"detail":"\(self.detail)","status":\(self.status.code),"title":"\(self.status.reasonPhrase)","type":"about:blank"}
      """
    var fields = self.fields
    fields[.contentType] = "application/problem+json"
    fields[.contentLength] = String(document.utf8.count)
    fields[.cacheControl] = "no-store"
    if closes { fields[.connection] = "close" }
    var response = MessageWriter.response(self.status.code, Array(self.status.reasonPhrase.utf8), fields)
    if !withoutBody { response.writeString(document) }
    return response
  }
}
