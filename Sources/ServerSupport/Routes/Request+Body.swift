package import Hummingbird
import HummingbirdCore

extension Request {
  /// Reads the whole body.
  ///
  /// - Throws: A ``Problem`` of 413 when it is larger than `limit` bytes.
  package func bytes(upTo limit: Int) async throws -> [UInt8] {
    var body = BoundedBody(request: self, limit: limit)
    guard let bytes = try await body.read() else {
      // Closing is left to the limits of the connection; what still comes is read and dropped.
      try await body.discard()
      throw Problem(.contentTooLarge, "the body is larger than \(limit) bytes", headers: [.connection: "close"])
    }
    return bytes
  }
}
