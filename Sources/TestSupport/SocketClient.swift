import Dispatch
import Glibc
import Synchronization

/// A plain TCP client for tests which look at the bytes themselves.
///
/// Each call blocks a thread of its own queue, never one that the code under test needs.
package final class SocketClient: Sendable {
  private let descriptor: Mutex<Int32?>
  private let queue = DispatchQueue(label: "test.socket-client")

  /// Connects to an IPv4 or IPv6 address.
  package init(host: String = "127.0.0.1", port: Int) async throws {
    self.descriptor = Mutex(nil)
    let descriptor = try await Self.perform(on: self.queue) { () throws(SocketFailure) in
      try Self.connect(host: host, port: port)
    }
    self.descriptor.withLock { $0 = descriptor }
  }

  deinit {
    self.close()
  }

  /// Sends all of `text`.
  package func send(_ text: String) async throws {
    let descriptor = try self.open()
    try await Self.perform(on: self.queue) { () throws(SocketFailure) in
      var bytes = Array(text.utf8)[...]
      while !bytes.isEmpty {
        let sent = bytes.withUnsafeBytes {
          Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
        }
        guard sent > 0 else { throw SocketFailure(call: "send", errno: errno) }
        bytes = bytes.dropFirst(sent)
      }
    }
  }

  /// Receives until what has come since the last call holds `marker`, and returns it.
  ///
  /// - Returns: Less than that when the peer closed the connection.
  /// - Throws: ``SocketFailure`` when nothing comes for ten seconds.
  package func receive(until marker: String) async throws -> String {
    try await self.receive { $0.contains(marker) }
  }

  /// Receives until the peer closes the connection.
  package func receiveAll() async throws -> String {
    try await self.receive { _ in false }
  }

  private func receive(until isComplete: @escaping @Sendable (String) -> Bool) async throws -> String {
    let descriptor = try self.open()
    return try await Self.perform(on: self.queue) { () throws(SocketFailure) in
      var received: [UInt8] = []
      var buffer = [UInt8](repeating: 0, count: 64 << 10)
      while true {
        let text = String(decoding: received, as: UTF8.self)
        if isComplete(text) { return text }
        let count = buffer.withUnsafeMutableBytes { recv(descriptor, $0.baseAddress, $0.count, 0) }
        if count == 0 || (count < 0 && errno == ECONNRESET) { return text }
        guard count > 0 else { throw SocketFailure(call: "recv", errno: errno) }
        received.append(contentsOf: buffer[..<count])
      }
    }
  }

  /// Closes the sending half.
  package func finishSending() throws {
    shutdown(try self.open(), Int32(SHUT_WR))
  }

  /// Closes the connection.
  package func close() {
    let descriptor = self.descriptor.withLock { $0.take() }
    if let descriptor { Glibc.close(descriptor) }
  }

  private func open() throws -> Int32 {
    guard let descriptor = self.descriptor.withLock({ $0 }) else { throw SocketFailure(call: "open", errno: EBADF) }
    return descriptor
  }

  private static func connect(host: String, port: Int) throws(SocketFailure) -> Int32 {
    var hints = addrinfo()
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV
    var found: UnsafeMutablePointer<addrinfo>?
    guard getaddrinfo(host, String(port), &hints, &found) == 0, let address = found?.pointee else {
      throw SocketFailure(call: "getaddrinfo", errno: EINVAL)
    }
    defer { freeaddrinfo(found) }
    let descriptor = socket(address.ai_family, address.ai_socktype, 0)
    guard descriptor >= 0 else { throw SocketFailure(call: "socket", errno: errno) }
    var timeout = timeval(tv_sec: 10, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
    let result = Glibc.connect(descriptor, address.ai_addr, address.ai_addrlen)
    guard result == 0 else {
      let failure = SocketFailure(call: "connect", errno: errno)
      Glibc.close(descriptor)
      throw failure
    }
    return descriptor
  }

  private static func perform<Value: Sendable>(
    on queue: DispatchQueue, _ work: @escaping @Sendable () throws(SocketFailure) -> Value
  ) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
      queue.async {
        do throws(SocketFailure) {
          continuation.resume(returning: try work())
        } catch {
          continuation.resume(throwing: error)
        }
      }
    }
  }
}

/// A call on a socket that failed.
package struct SocketFailure: Error, Sendable, CustomStringConvertible {
  /// The C function's name.
  package var call: String
  /// Its error number.
  package var errno: Int32

  /// The call and the system's words for the error.
  package var description: String { "\(self.call): \(String(cString: strerror(self.errno)))" }
}
