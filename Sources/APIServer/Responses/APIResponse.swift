import HTTPTransport
import HTTPTypes
import KubernetesModel

/// An answer before it becomes HTTP.
struct APIResponse: Sendable {
  enum Body: Sendable {
    case bytes([UInt8])
    case stream(ResponseBody)
  }

  var status: Int
  var contentType = "application/json"
  var warnings: [String] = []
  /// Further fields of the head.
  var fields = HTTPFields()
  var body: Body

  init(_ status: Int, bytes: [UInt8], warnings: [String] = []) {
    self.status = status
    self.warnings = warnings
    self.body = .bytes(bytes)
  }

  init(_ status: Int, _ json: JSONValue, warnings: [String] = []) {
    self.init(status, bytes: json.serialized(), warnings: warnings)
  }

  init(_ failure: APIFailure) { self.init(failure.code, failure.status, warnings: failure.warnings) }

  /// Frames of a watch, a line each.
  init(stream: ResponseBody, warnings: [String] = []) {
    self.status = 200
    self.warnings = warnings
    self.body = .stream(stream)
  }

  static func text(_ status: Int, _ text: String) -> APIResponse {
    var response = APIResponse(status, bytes: Array(text.utf8))
    response.contentType = "text/plain; charset=utf-8"
    return response
  }

  static let pageNotFound = Self.text(404, "404 page not found\n")

  /// The answer as HTTP.
  var transportResponse: TransportResponse {
    var head = HTTPResponse(status: HTTPResponse.Status(code: self.status))
    head.headerFields = self.fields
    head.headerFields[.contentType] = self.contentType
    for warning in self.warnings {
      let quoted = warning.reduce(into: "") { text, character in
        if character == "\"" || character == "\\" { text.append("\\") }
        text.append(character.isNewline ? " " : character)
      }
      head.headerFields.append(HTTPField(name: .warning, value: "299 - \"\(quoted)\""))
    }
    switch self.body {
    case .bytes(let bytes):
      head.headerFields[.contentLength] = String(bytes.count)
      return TransportResponse(head: head, body: ResponseBody(bytes: bytes))
    case .stream(let body):
      return TransportResponse(head: head, body: body)
    }
  }
}

extension HTTPField.Name {
  fileprivate static let warning = Self("Warning")!
}
