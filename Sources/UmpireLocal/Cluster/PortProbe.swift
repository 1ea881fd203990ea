import Glibc

/// Finds out whether a port can be had, before anything is started.
enum PortProbe {
  /// - Throws: ``LocalError`` if there is no such port.
  static func checkRange(_ port: Int) throws(LocalError) {
    guard (0...65_535).contains(port) else {
      throw LocalError(.usage, "--port \(port): a port is a number from 0 to 65535")
    }
  }

  /// - Throws: ``LocalError`` naming the port and the way out.
  static func check(host: String, port: Int) throws(LocalError) {
    try Self.checkRange(port)
    guard port != 0 else { return }
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { throw LocalError(.software, "no socket: \(String(cString: strerror(errno)))") }
    defer { close(descriptor) }
    // As the listener does: connections that linger from an earlier run are no obstacle.
    var reuse: Int32 = 1
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &reuse, socklen_t(MemoryLayout<Int32>.size))
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(port).bigEndian
    inet_pton(AF_INET, host, &address.sin_addr)
    let result = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard result == 0, listen(descriptor, 1) == 0 else {
      let reason = errno == EADDRINUSE ? "is in use" : "cannot be used: \(String(cString: strerror(errno)))"
      throw LocalError(.unavailable, "port \(port) \(reason); choose another with --port")
    }
  }
}
