import HTTPTransport
import Synchronization

extension ResponseBody {
  /// A body of one chunk that is there already.
  init(bytes: [UInt8]) {
    let rest = SingleChunk(bytes.isEmpty ? nil : bytes)
    self.init { rest.take() }
  }
}

/// Hands out its bytes once.
private final class SingleChunk: Sendable {
  private let bytes: Mutex<[UInt8]?>

  init(_ bytes: [UInt8]?) { self.bytes = Mutex(bytes) }

  func take() -> [UInt8]? {
    self.bytes.withLock { bytes in
      defer { bytes = nil }
      return bytes
    }
  }
}
