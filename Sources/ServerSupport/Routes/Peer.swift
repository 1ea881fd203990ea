package import NIOCore

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
    let address = address.map(Self.unmapped)
    self.address = address
    self.isSameHost = address.map { Self.isLoopback($0) || $0 == local.map(Self.unmapped) } ?? false
  }

  package init(_ channel: any Channel) {
    self.init(address: channel.remoteAddress?.ipAddress, local: channel.localAddress?.ipAddress)
  }

  private static func isLoopback(_ address: String) -> Bool { address.hasPrefix("127.") || address == "::1" }

  /// The IPv4 address of a client that came to a socket for both families, where it is `::ffff:192.0.2.1`.
  private static func unmapped(_ address: String) -> String {
    let prefix = "::ffff:"
    guard address.contains("."), address.lowercased().hasPrefix(prefix) else { return address }
    return String(address.dropFirst(prefix.count))
  }
}
