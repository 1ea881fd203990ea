import HTTPTransport
import KubernetesModel

extension ResourceHandler {
  /// A watch that ends with its first frame: the version that it asks for is no longer kept.
  static func expiredWatch(_ position: Int64) -> ResponseBody {
    let event: JSONValue = [
      "type": "ERROR", "object": APIFailure.expired("too old resource version: \(position)").status,
    ]
    return ResponseBody(bytes: event.serialized() + [0x0A])
  }
}
