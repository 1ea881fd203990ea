import HTTPTypes
import Hummingbird
import HummingbirdCore
import NIOCore

/// A request's body, read up to a limit.
struct BoundedBody {
  private let limit: Int
  private let announced: Int?
  private var chunks: RequestBody.AsyncIterator

  init(request: Request, limit: Int) {
    self.limit = limit
    self.announced = request.headers[.contentLength].flatMap(Int.init)
    self.chunks = request.body.makeAsyncIterator()
  }

  /// Whether the client waits for permission before it sends a body that fits.
  func isAwaited(by request: Request) -> Bool {
    request.headers[.expect]?.lowercased() == "100-continue" && (self.announced ?? 0) <= self.limit
  }

  /// The whole body, or nil when it is larger than the limit.
  mutating func read() async throws -> [UInt8]? {
    if let announced = self.announced, announced > self.limit { return nil }
    var bytes: [UInt8] = []
    if let announced = self.announced { bytes.reserveCapacity(announced) }
    while let chunk = try await self.chunks.next() {
      guard chunk.readableBytes <= self.limit - bytes.count else { return nil }
      bytes.append(contentsOf: chunk.readableBytesView)
    }
    return bytes
  }

  /// Reads on for a while after a refusal, so that a client which is still sending comes to read the answer.
  ///
  /// - Throws: ``Endless`` when the client does not stop.
  mutating func discard() async throws {
    var remaining = Swift.max(self.limit * 4, 16 << 20)
    while let chunk = try await self.chunks.next() {
      remaining -= chunk.readableBytes
      guard remaining > 0 else { throw Endless() }
    }
  }

  /// The client keeps on sending a body that was refused.
  struct Endless: Error {}
}
