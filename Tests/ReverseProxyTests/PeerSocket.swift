import Dispatch
import Glibc
import Synchronization

/// A TCP socket for tests that play both the client and the game server, byte by byte.
///
/// Each call blocks a thread of its own queue, never one that the code under test needs.
final class PeerSocket: Sendable {
  private let descriptor: Mutex<Int32?>
  private let queue = DispatchQueue(label: "test.peer-socket")
  private let buffered = Mutex<[UInt8]>([])

  init(descriptor: Int32) {
    self.descriptor = Mutex(descriptor)
    // A test that waits for what never comes fails after this.
    var timeout = timeval(tv_sec: 20, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
  }

  deinit { self.close() }

  static func connect(port: Int) async throws -> PeerSocket {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    let peer = PeerSocket(descriptor: descriptor)
    try await peer.perform { descriptor throws(PeerFailure) in
      var address = LoopbackAddress.make(port: port)
      let result = withUnsafePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
        }
      }
      guard result == 0 else { throw PeerFailure(call: "connect", errno: errno) }
    }
    return peer
  }

  func send(_ text: String) async throws { try await self.send(Array(text.utf8)) }

  func send(_ bytes: [UInt8]) async throws {
    try await self.perform { descriptor throws(PeerFailure) in
      var rest = bytes[...]
      while !rest.isEmpty {
        let sent = rest.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
        guard sent > 0 else { throw PeerFailure(call: "send", errno: errno) }
        rest = rest.dropFirst(sent)
      }
    }
  }

  /// Sends as much as is taken until nothing has been taken for a while, or all `limit` bytes.
  ///
  /// - Returns: how much was sent.
  func sendUntilStalled(_ chunk: [UInt8], upTo limit: Int) async throws -> Int {
    try await self.perform { descriptor throws(PeerFailure) in
      var total = 0
      while total < limit {
        var poller = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        guard poll(&poller, 1, 500) > 0 else { break }
        let count = min(chunk.count, limit - total)
        let sent = chunk.withUnsafeBytes {
          Glibc.send(descriptor, $0.baseAddress, count, Int32(Int(MSG_NOSIGNAL) | Int(MSG_DONTWAIT)))
        }
        guard sent > 0 else { break }
        total += sent
      }
      return total
    }
  }

  /// Receives until what has come since the last call ends with, or holds, `marker`; the rest is kept for the next call.
  ///
  /// - Returns: all up to the marker's end, or less if the peer closed the connection.
  func receive(until marker: String) async throws -> String {
    let marker = Array(marker.utf8)
    return try await self.take { bytes in
      guard bytes.count >= marker.count else { return nil }
      for start in 0...(bytes.count - marker.count) where bytes[start..<(start + marker.count)].elementsEqual(marker) {
        return start + marker.count
      }
      return nil
    }
  }

  /// Receives so many bytes, or fewer if the peer closed the connection.
  func receive(count: Int) async throws -> String {
    try await self.take { $0.count >= count ? count : nil }
  }

  func receiveAll() async throws -> String {
    try await self.take { _ in nil }
  }

  /// Receives and drops so many bytes, or fewer if the peer closed the connection.
  ///
  /// - Returns: how many there were.
  func drain(_ count: Int) async throws -> Int {
    let kept = self.buffered.withLock { buffered in
      let taken = min(count, buffered.count)
      buffered.removeFirst(taken)
      return taken
    }
    return try await self.perform { descriptor throws(PeerFailure) in
      var buffer = [UInt8](repeating: 0, count: 1 << 20)
      var total = kept
      while total < count {
        let received = recv(descriptor, &buffer, min(buffer.count, count - total), 0)
        guard received >= 0 else { throw PeerFailure(call: "recv", errno: errno) }
        if received == 0 { break }
        total += received
      }
      return total
    }
  }

  private func take(_ end: @escaping @Sendable ([UInt8]) -> Int?) async throws -> String {
    let before = self.buffered.withLock { $0 }
    let (taken, rest) = try await self.perform { descriptor throws(PeerFailure) in
      var received = before
      var buffer = [UInt8](repeating: 0, count: 64 << 10)
      while true {
        if let count = end(received) { return (Array(received[..<count]), Array(received[count...])) }
        let count = recv(descriptor, &buffer, buffer.count, 0)
        if count == 0 || (count < 0 && errno == ECONNRESET) { return (received, []) }
        guard count > 0 else { throw PeerFailure(call: "recv", errno: errno) }
        received += buffer[..<count]
      }
    }
    self.buffered.withLock { $0 = rest }
    return String(decoding: taken, as: UTF8.self)
  }

  func finishSending() { self.descriptor.withLock { if let descriptor = $0 { shutdown(descriptor, Int32(SHUT_WR)) } } }

  func close() {
    if let descriptor = self.descriptor.withLock({ $0.take() }) { Glibc.close(descriptor) }
  }

  /// Closes so that the peer gets a reset.
  func reset() {
    self.descriptor.withLock { descriptor in
      guard let descriptor else { return }
      var linger = linger(l_onoff: 1, l_linger: 0)
      setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<Glibc.linger>.size))
    }
    self.close()
  }

  fileprivate func perform<Value: Sendable>(
    _ work: @escaping @Sendable (Int32) throws(PeerFailure) -> Value
  ) async throws -> Value {
    guard let descriptor = self.descriptor.withLock({ $0 }) else { throw PeerFailure(call: "open", errno: EBADF) }
    return try await withCheckedThrowingContinuation { continuation in
      self.queue.async {
        do throws(PeerFailure) {
          continuation.resume(returning: try work(descriptor))
        } catch {
          continuation.resume(throwing: error)
        }
      }
    }
  }
}

/// A listening socket on loopback, whose connections a test takes one by one.
final class PeerListener: Sendable {
  let port: Int
  private let socket: PeerSocket

  /// - Parameter port: 0 for any that is free.
  init(port: Int = 0) throws {
    let descriptor = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    self.socket = PeerSocket(descriptor: descriptor)
    var reuse: Int32 = 1
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &reuse, socklen_t(MemoryLayout<Int32>.size))
    var address = LoopbackAddress.make(port: port)
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let result = withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        bind(descriptor, address, length) == 0 && listen(descriptor, 128) == 0
          && getsockname(descriptor, address, &length) == 0
      }
    }
    guard result else { throw PeerFailure(call: "listen", errno: errno) }
    self.port = Int(UInt16(bigEndian: address.sin_port))
  }

  func accept() async throws -> PeerSocket {
    try await self.socket.perform { descriptor throws(PeerFailure) in
      let accepted = Glibc.accept(descriptor, nil, nil)
      guard accepted >= 0 else { throw PeerFailure(call: "accept", errno: errno) }
      return PeerSocket(descriptor: accepted)
    }
  }

  func close() { self.socket.close() }
}

enum LoopbackAddress {
  static func make(port: Int) -> sockaddr_in {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(port).bigEndian
    inet_pton(AF_INET, "127.0.0.1", &address.sin_addr)
    return address
  }
}

/// A call on a socket that failed.
struct PeerFailure: Error, CustomStringConvertible {
  var call: String
  var errno: Int32

  var description: String { "\(self.call): \(String(cString: strerror(self.errno)))" }
}
