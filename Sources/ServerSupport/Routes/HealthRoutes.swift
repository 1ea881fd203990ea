package import HTTPTypes
package import Hummingbird
import HummingbirdCore
import NIOCore
package import Observability

extension RouterMethods {
  /// Adds `/livez` and `/healthz`, which answer as long as the process serves, and `/readyz`.
  ///
  /// - Parameter unready: Why the process is not ready; nil when it is.
  package func addHealthRoutes(unready: @escaping @Sendable () async -> String? = { nil }) {
    self.get("livez") { _, _ in Response.text("ok\n") }
    self.get("healthz") { _, _ in Response.text("ok\n") }
    self.get("readyz") { _, _ in
      if let reason = await unready() { throw Problem(.serviceUnavailable, reason) }
      return Response.text("ok\n")
    }
  }

  /// Adds `/metrics`.
  package func addMetricsRoute(_ registry: MetricsRegistry) {
    self.get("metrics") { _, _ in Response.text(registry.text(), contentType: MetricsRegistry.contentType) }
  }
}

extension Response {
  /// A response with a text.
  package static func text(
    _ text: String, contentType: String = "text/plain; charset=utf-8", status: HTTPResponse.Status = .ok
  ) -> Response {
    .whole(Array(text.utf8), contentType: contentType, status: status)
  }

  /// A response with a JSON document.
  package static func json(_ document: [UInt8], status: HTTPResponse.Status = .ok) -> Response {
    .whole(document, contentType: "application/json", status: status)
  }

  private static func whole(_ body: [UInt8], contentType: String, status: HTTPResponse.Status) -> Response {
    Response(
      status: status,
      headers: [.contentType: contentType, .contentLength: String(body.count), .cacheControl: "no-store"],
      body: ResponseBody(byteBuffer: ByteBuffer(bytes: body)))
  }
}
