import Glibc

/// The hosts that a server can listen on beside an address or a name of its own.
package enum ListenHost {
  /// Every address of the machine, IPv4 and IPv6.
  package static let everyAddress = "*"

  /// The address that a socket binds for a host.
  ///
  /// - Parameters:
  ///   - host: An address, a name, or ``everyAddress``.
  ///   - hasDualStack: Whether a socket on `::` also accepts IPv4 connections.
  /// - Returns: For ``everyAddress``, `::` or, where the kernel has no IPv6, `0.0.0.0`; any other host as it is.
  package static func bindAddress(
    of host: String, hasDualStack: @autoclosure () -> Bool = ListenHost.hasDualStack
  ) -> String {
    guard host == self.everyAddress else { return host }
    return hasDualStack() ? "::" : "0.0.0.0"
  }

  /// The loopback addresses of this machine: `127.0.0.1`, and `::1` where the kernel has IPv6.
  ///
  /// Clients that resolve `localhost` try either first.
  package static var loopbackAddresses: [String] {
    self.bindError(host: "::1", port: 0) == nil ? ["127.0.0.1", "::1"] : ["127.0.0.1"]
  }

  /// Whether a socket on `::` can be bound and also accepts IPv4 connections.
  ///
  /// It cannot where IPv6 is switched off (`ipv6.disable`, `net.ipv6.conf.all.disable_ipv6`), and does not with
  /// `net.ipv6.bindv6only`.
  package static var hasDualStack: Bool {
    let descriptor = socket(AF_INET6, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    var isExclusive: Int32 = 1
    var size = socklen_t(MemoryLayout<Int32>.size)
    guard getsockopt(descriptor, Int32(IPPROTO_IPV6), IPV6_V6ONLY, &isExclusive, &size) == 0 else {
      return false
    }
    return isExclusive == 0 && self.bindError(host: "::", port: 0) == nil
  }

  /// Why a port cannot be listened on at present.
  ///
  /// - Parameters:
  ///   - host: An IPv4 or IPv6 address.
  ///   - port: 0–65535; 0 for any that is free.
  /// - Returns: The error number; nil if the port can be listened on.
  package static func bindError(host: String, port: Int) -> Int32? {
    var hints = addrinfo()
    hints.ai_family = AF_UNSPEC
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE
    var found: UnsafeMutablePointer<addrinfo>?
    guard getaddrinfo(host, String(port), &hints, &found) == 0, let address = found?.pointee else {
      return EADDRNOTAVAIL
    }
    defer { freeaddrinfo(found) }
    let descriptor = socket(address.ai_family, address.ai_socktype | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { return errno }
    defer { close(descriptor) }
    // As the listener does: connections that linger from an earlier run do not block the port.
    var reuse: Int32 = 1
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &reuse, socklen_t(MemoryLayout<Int32>.size))
    guard bind(descriptor, address.ai_addr, address.ai_addrlen) == 0, listen(descriptor, 1) == 0 else { return errno }
    return nil
  }
}
