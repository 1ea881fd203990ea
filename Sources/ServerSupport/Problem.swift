import FoundationEssentials
package import HTTPTypes
package import Hummingbird
import HummingbirdCore
import NIOCore

/// An error that tells a client what is wrong, as a problem document (RFC 9457).
///
/// Throw it from a route, or return its ``response``.
package struct Problem: Error, Sendable, Hashable {
  /// The status of the response.
  package var status: HTTPResponse.Status
  /// One sentence for a person; never a secret.
  package var detail: String
  /// Further fields of the response.
  package var headers: HTTPFields

  /// Creates a problem.
  package init(_ status: HTTPResponse.Status, _ detail: String, headers: HTTPFields = [:]) {
    self.status = status
    self.detail = detail
    self.headers = headers
  }

  /// The problem as a response with an `application/problem+json` body.
  package var response: Response {
    var headers = self.headers
    headers[.contentType] = "application/problem+json"
    headers[.cacheControl] = "no-store"
    let body = self.document
    headers[.contentLength] = String(body.count)
    return Response(status: self.status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: body)))
  }

  private var document: [UInt8] {
    let document = Document(
      type: "about:blank", title: self.status.reasonPhrase, status: self.status.code, detail: self.detail)
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    // Strings and an integer always encode; an empty object would still be a valid problem document.
    let data = try? encoder.encode(document)
    return data.map { Array($0) } ?? Array("{}".utf8)
  }

  private struct Document: Encodable {
    var type: String
    var title: String
    var status: Int
    var detail: String
  }
}

extension Problem: HTTPResponseError {
  /// The problem as a response, for a router.
  package func response(from request: Request, context: some RequestContext) throws -> Response {
    self.response
  }
}
