import Glibc
import HTTPTransport

/// Why the game server could not take its address.
package struct GameServerError: Error, Sendable, CustomStringConvertible {
  /// One sentence for a person, with the address.
  package var description: String
  /// Whether the kernel has no addresses of the family.
  var isFamilyMissing = false
}

/// The few system calls that the game server needs, without their pointers.
enum SocketCalls {
  enum Received {
    case bytes(ArraySlice<UInt8>)
    case nothing
    case closed
  }

  /// A listening socket that does not block, and its port.
  ///
  /// - Parameter host: An IPv4 or IPv6 address; `*` for every address of both families, or of IPv4 alone where the
  ///   kernel has no IPv6.
  static func listen(host: String, port: Int) throws(GameServerError) -> (descriptor: Int32, port: Int) {
    guard host == "*" else { return try Self.bind(host: host, port: port) }
    do {
      return try Self.bind(host: "::", port: port)
    } catch  where error.isFamilyMissing {
      return try Self.bind(host: "0.0.0.0", port: port)
    }
  }

  private static func bind(host: String, port: Int) throws(GameServerError) -> (descriptor: Int32, port: Int) {
    let place = HostPort(host: host, port: port)
    var hints = addrinfo()
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE
    var found: UnsafeMutablePointer<addrinfo>?
    guard getaddrinfo(host, String(port), &hints, &found) == 0, let address = found?.pointee else {
      throw GameServerError(description: "\(place) is not an address and port")
    }
    defer { freeaddrinfo(found) }
    let descriptor = socket(address.ai_family, address.ai_socktype | Int32(SOCK_NONBLOCK.rawValue), 0)
    Self.enable(SO_REUSEADDR, on: descriptor)
    var exclusive: Int32 = 0
    setsockopt(
      descriptor, Int32(IPPROTO_IPV6), IPV6_V6ONLY, &exclusive, socklen_t(MemoryLayout<Int32>.size))
    var bound = sockaddr_storage()
    var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
    let result = withUnsafeMutablePointer(to: &bound) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        var result = Glibc.bind(descriptor, address.ai_addr, address.ai_addrlen)
        if result == 0 { result = Glibc.listen(descriptor, 128) }
        if result == 0 { result = getsockname(descriptor, $0, &size) }
        return result
      }
    }
    guard result == 0 else {
      let code = errno
      Glibc.close(descriptor)
      throw GameServerError(
        description: "cannot listen on \(place): \(String(cString: strerror(code)))",
        isFamilyMissing: code == EAFNOSUPPORT || code == EADDRNOTAVAIL || code == EBADF)
    }
    // The port lies at the same place in both families' addresses.
    let number = withUnsafeBytes(of: bound) { $0.load(fromByteOffset: 2, as: in_port_t.self) }
    return (descriptor, Int(in_port_t(bigEndian: number)))
  }

  /// The next waiting connection, if there is one.
  static func accept(_ listener: Int32) -> Int32? {
    let descriptor = Glibc.accept(listener, nil, nil)
    guard descriptor >= 0 else {
      // Out of descriptors, the connection stays in the backlog; without a pause `poll` would return at once.
      if errno == EMFILE || errno == ENFILE { usleep(100_000) }
      return nil
    }
    _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
    // A player whose machine vanished is noticed by the kernel's probes.
    Self.enable(SO_KEEPALIVE, on: descriptor)
    return descriptor
  }

  /// Those of `descriptors` that have something to read or have closed, after at most `timeout` milliseconds.
  static func readable(_ descriptors: [Int32], timeout: Int32) -> [Int32] {
    var entries = descriptors.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
    guard poll(&entries, nfds_t(entries.count), timeout) > 0 else { return [] }
    return entries.filter { $0.revents != 0 }.map(\.fd)
  }

  /// What has come on a connection.
  static func receive(from descriptor: Int32) -> Received {
    var buffer = [UInt8](repeating: 0, count: 1024)
    let count = buffer.withUnsafeMutableBytes { recv(descriptor, $0.baseAddress, $0.count, 0) }
    if count > 0 { return .bytes(buffer[..<count]) }
    return count < 0 && (errno == EAGAIN || errno == EINTR) ? .nothing : .closed
  }

  /// Sends a short line whole.
  ///
  /// - Returns: false when the connection does not take it.
  static func send(_ line: String, to descriptor: Int32) -> Bool {
    let bytes = Array(line.utf8)
    return bytes.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
      == bytes.count
  }

  /// Writes a few bytes to a pipe.
  static func write(_ text: String, to descriptor: Int32) -> Bool {
    let bytes = Array(text.utf8)
    return bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) } == bytes.count
  }

  /// A pipe whose ends do not block; both are -1 when the process has no descriptor left.
  static func pipe() -> (reading: Int32, writing: Int32) {
    var ends: [Int32] = [-1, -1]
    _ = Glibc.pipe(&ends)
    for end in ends { _ = fcntl(end, F_SETFL, O_NONBLOCK) }
    return (ends[0], ends[1])
  }

  private static func enable(_ option: Int32, on descriptor: Int32) {
    var one: Int32 = 1
    setsockopt(descriptor, SOL_SOCKET, option, &one, socklen_t(MemoryLayout<Int32>.size))
  }
}
