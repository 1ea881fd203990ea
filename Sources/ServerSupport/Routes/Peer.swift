import NIOCore

/// Where a request comes from.
package struct Peer: Sendable, Hashable {
  /// The address, without a port; nil if there is none, as of a socket in the file system.
  package let address: String?
  /// Whether the address is one of the machine, or the Pod, that serves it: nobody else can come from there.
  package let isSameHost: Bool

  /// - Parameters:
  ///   - address: where it comes from.
  ///   - local: the address that it was sent to.
  package init(address: String?, local: String?) {
    self.address = address
    self.isSameHost = address.map { Self.isLoopback($0) || $0 == local } ?? false
  }

  init(_ channel: any Channel) {
    self.init(address: channel.remoteAddress?.ipAddress, local: channel.localAddress?.ipAddress)
  }

  private static func isLoopback(_ address: String) -> Bool {
    let mapped = "::ffff:"
    let plain = address.lowercased().hasPrefix(mapped) ? String(address.dropFirst(mapped.count)) : address
    return plain.hasPrefix("127.") || plain == "::1"
  }
}
