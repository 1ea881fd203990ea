public import HTTPTypes

/// The head of a response and the stream of its bytes.
public struct TransportResponse: Sendable {
  /// Status and fields.
  public var head: HTTPResponse
  /// The body, read once, chunk by chunk.
  public var body: ResponseBody

  /// Creates a response.
  public init(head: HTTPResponse, body: ResponseBody) {
    self.head = head
    self.body = body
  }
}

/// A response whose body has been read to its end.
public struct CollectedResponse: Sendable {
  /// Status and fields.
  public var head: HTTPResponse
  /// Every byte of the body.
  public var body: [UInt8]

  /// Creates a collected response.
  public init(head: HTTPResponse, body: [UInt8]) {
    self.head = head
    self.body = body
  }
}

/// The bytes of a response as they arrive.
///
/// The producer is asked for one chunk at a time, so nothing piles up.
public struct ResponseBody: AsyncSequence, Sendable {
  /// A run of bytes; its size is the transport's choice.
  public typealias Element = [UInt8]
  private let nextChunk: @Sendable () async throws -> [UInt8]?

  /// Creates a body from a closure that returns the next chunk, or nil at the end.
  public init(next: @escaping @Sendable () async throws -> [UInt8]?) {
    self.nextChunk = next
  }

  /// Reads the body to its end.
  ///
  /// - Throws: ``TransportError`` with code `tooLarge` once more than `limit` bytes have arrived.
  public func collect(upTo limit: Int) async throws -> [UInt8] {
    var bytes: [UInt8] = []
    for try await chunk in self {
      guard chunk.count <= limit - bytes.count else {
        throw TransportError(.tooLarge, "the body is larger than \(limit) bytes")
      }
      bytes.append(contentsOf: chunk)
    }
    return bytes
  }

  /// Creates the iterator.
  ///
  /// A body has one reader.
  public func makeAsyncIterator() -> AsyncIterator {
    AsyncIterator(nextChunk: self.nextChunk)
  }

  /// Pulls chunks.
  public struct AsyncIterator: AsyncIteratorProtocol {
    fileprivate let nextChunk: @Sendable () async throws -> [UInt8]?

    /// The next chunk, or nil at the end of the body.
    public mutating func next() async throws -> [UInt8]? {
      try await self.nextChunk()
    }
  }
}
