import Glibc
import ServerSupport

/// Checks whether a port is free before anything is started.
enum PortProbe {
  /// - Throws: ``LocalError`` if there is no such port.
  static func checkRange(_ port: Int) throws(LocalError) {
    guard (0...65_535).contains(port) else {
      throw LocalError(.usage, "--port \(port): a port is a number from 0 to 65535")
    }
  }

  /// - Parameter host: An IPv4 or IPv6 address.
  /// - Throws: ``LocalError`` naming the port and the way out.
  static func check(host: String, port: Int) throws(LocalError) {
    try Self.checkRange(port)
    guard let error = ListenHost.bindError(host: host, port: port) else { return }
    switch error {
    case EADDRNOTAVAIL:
      throw LocalError(.usage, "--host \(host): this machine has no such address")
    case EADDRINUSE:
      throw LocalError(.unavailable, "port \(port) is in use; choose another with --port")
    default:
      throw LocalError(
        .unavailable, "port \(port) cannot be used: \(String(cString: strerror(error))); choose another with --port")
    }
  }
}
