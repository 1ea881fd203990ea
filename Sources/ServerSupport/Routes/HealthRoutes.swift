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
  /// A response of 200 with a text.
  package static func text(_ text: String, contentType: String = "text/plain; charset=utf-8") -> Response {
    .ok(Array(text.utf8), contentType: contentType)
  }

  /// A response of 200 with a JSON document.
  package static func json(_ document: [UInt8]) -> Response {
    .ok(document, contentType: "application/json")
  }

  private static func ok(_ body: [UInt8], contentType: String) -> Response {
    Response(
      status: .ok, headers: [.contentType: contentType, .contentLength: String(body.count), .cacheControl: "no-store"],
      body: ResponseBody(byteBuffer: ByteBuffer(bytes: body)))
  }
}
