import Glibc
import Synchronization

/// A TCP server on a loopback port that does, for each connection, exactly what a test's script says.
///
/// Every connection has a thread of its own, so scripts may block. ``stop()`` ends the listener and shuts every
/// connection down, which lets blocked scripts return.
final class ScriptedServer: Sendable {
  /// The port that the server listens on.
  let port: UInt16
  /// `127.0.0.1:port`.
  var authority: String { "127.0.0.1:\(self.port)" }

  private struct State {
    var accepted = 0
    var open: Set<Int32> = []
    var isStopped = false
  }

  private let listener: Int32
  private let state = Mutex(State())
  private let script: @Sendable (Connection) -> Void

  /// How many connections have been made so far.
  var acceptedConnections: Int { self.state.withLock { $0.accepted } }
  /// How many connections the scripts still hold.
  var openConnections: Int { self.state.withLock { $0.open.count } }

  /// Starts a server, runs `body`, and stops the server.
  @discardableResult
  static func run<Result>(
    _ script: @escaping @Sendable (Connection) -> Void, _ body: (ScriptedServer) async throws -> Result
  ) async throws -> Result {
    let server = try ScriptedServer(script)
    defer { server.stop() }
    return try await body(server)
  }

  private init(_ script: @escaping @Sendable (Connection) -> Void) throws {
    self.script = script
    self.listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let listener = self.listener
    let result = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address -> Int32 in
        guard bind(listener, address, length) == 0, listen(listener, 512) == 0 else { return -1 }
        return getsockname(listener, address, &length)
      }
    }
    guard result == 0 else { throw SystemError(code: errno) }
    self.port = UInt16(bigEndian: address.sin_port)
    startThread { self.accept() }
  }

  private func accept() {
    while true {
      let descriptor = Glibc.accept(self.listener, nil, nil)
      guard descriptor >= 0 else { break }
      _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
      let isStopped = self.state.withLock { state -> Bool in
        state.accepted += 1
        state.open.insert(descriptor)
        return state.isStopped
      }
      if isStopped { shutdown(descriptor, Int32(SHUT_RDWR)) }
      startThread {
        self.script(Connection(descriptor: descriptor))
        self.state.withLock { state in
          _ = state.open.remove(descriptor)
          close(descriptor)
        }
      }
    }
    close(self.listener)
  }

  private func stop() {
    self.state.withLock { state in
      state.isStopped = true
      for descriptor in state.open { shutdown(descriptor, Int32(SHUT_RDWR)) }
    }
    shutdown(self.listener, Int32(SHUT_RDWR))
  }

  /// A failed system call.
  struct SystemError: Error {
    var code: Int32
  }
}

/// One connection, used by one script on one thread.
struct Connection {
  let descriptor: Int32

  /// Reads a request up to the end of its head, and its body by `Content-Length`; nil when the peer has gone.
  func readRequest() -> String? {
    var bytes: [UInt8] = []
    while !bytes.ends(with: "\r\n\r\n".utf8) {
      guard let byte = self.read(1)?.first else { return nil }
      bytes.append(byte)
    }
    let head = String(decoding: bytes, as: UTF8.self)
    let length = head.lowercased().split(separator: "\r\n").first { $0.hasPrefix("content-length:") }
      .flatMap { Int($0.dropFirst("content-length:".count).filter(\.isNumber)) }
    guard let length, length > 0 else { return head }
    guard let body = self.read(length) else { return nil }
    return head + String(decoding: body, as: UTF8.self)
  }

  /// Reads exactly `count` bytes; nil when the peer has gone.
  func read(_ count: Int) -> [UInt8]? {
    var bytes = [UInt8](repeating: 0, count: count)
    var filled = 0
    while filled < count {
      let result = bytes.withUnsafeMutableBytes { recv(self.descriptor, $0.baseAddress! + filled, count - filled, 0) }
      guard result > 0 else { return nil }
      filled += result
    }
    return bytes
  }

  /// Writes everything; false when the peer has gone.
  @discardableResult
  func write(_ bytes: [UInt8]) -> Bool {
    var sent = 0
    while sent < bytes.count {
      let result = bytes.withUnsafeBytes {
        send(self.descriptor, $0.baseAddress! + sent, bytes.count - sent, Int32(MSG_NOSIGNAL))
      }
      guard result > 0 else { return false }
      sent += result
    }
    return true
  }

  /// Writes text; false when the peer has gone.
  @discardableResult
  func write(_ text: String) -> Bool {
    self.write(Array(text.utf8))
  }

  /// Writes a whole response with a body of known length.
  @discardableResult
  func respond(_ status: String = "200 OK", fields: String = "", body: String = "") -> Bool {
    self.write("HTTP/1.1 \(status)\r\n\(fields)Content-Length: \(body.utf8.count)\r\n\r\n\(body)")
  }

  /// Blocks until the peer closes the connection or the server stops.
  func waitForClose() {
    while self.read(1) != nil {}
  }

  /// Waits a moment before the script looks or writes again.
  func pause() {
    usleep(2000)
  }

  /// Lets the end of the script send a reset instead of an orderly close.
  func resetOnClose() {
    var option = linger(l_onoff: 1, l_linger: 0)
    setsockopt(self.descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
  }
}

extension Array<UInt8> {
  fileprivate func ends(with suffix: some Collection<UInt8>) -> Bool {
    self.suffix(suffix.count).elementsEqual(suffix)
  }
}

private final class ThreadBody {
  let body: @Sendable () -> Void
  init(_ body: @escaping @Sendable () -> Void) { self.body = body }
}

private func startThread(_ body: @escaping @Sendable () -> Void) {
  var thread = pthread_t()
  let context = Unmanaged.passRetained(ThreadBody(body))
  let result = pthread_create(
    &thread, nil,
    { context in
      guard let context else { return nil }
      Unmanaged<ThreadBody>.fromOpaque(context).takeRetainedValue().body()
      return nil
    }, context.toOpaque())
  precondition(result == 0, "cannot start a thread")
  pthread_detach(thread)
}
