import Glibc
import HTTPTransport
import NIOCore

/// Why a server could not take its address.
package struct ListenError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The kind of failure.
  package var code: Code
  /// One sentence for a person, with the address.
  package var message: String

  /// The message.
  package var description: String { self.message }

  /// The kind of failure; new kinds may be added.
  package struct Code: Sendable, Hashable, CustomStringConvertible {
    private enum Kind: String {
      case addressInUse, addressNotAvailable, notPermitted, certificateUnusable, failed
    }
    private let kind: Kind
    /// The code's name.
    package var description: String { self.kind.rawValue }

    /// Another socket listens on this port.
    package static let addressInUse = Code(kind: .addressInUse)
    /// The host is no address of this machine.
    package static let addressNotAvailable = Code(kind: .addressNotAvailable)
    /// The port is reserved for privileged processes.
    package static let notPermitted = Code(kind: .notPermitted)
    /// The server's certificate or key is not sound, or one is not the other's.
    package static let certificateUnusable = Code(kind: .certificateUnusable)
    /// Anything else.
    package static let failed = Code(kind: .failed)
  }

  /// Names the failure of binding `host` and `port`.
  ///
  /// - Returns: nil when `error` does not come from the socket.
  package init?(binding host: String, port: Int, error: any Error) {
    let address = HostPort(host: host, port: port)
    switch error {
    case let error as IOError:
      switch error.errnoCode {
      case EADDRINUSE:
        self.init(code: .addressInUse, message: "\(address) is already in use")
      case EADDRNOTAVAIL:
        self.init(code: .addressNotAvailable, message: "\(host) is not an address of this machine")
      case EACCES, EPERM:
        self.init(code: .notPermitted, message: "not permitted to listen on \(address)")
      default:
        self.init(code: .failed, message: "cannot listen on \(address): \(error)")
      }
    case is SocketAddressError, is SocketAddressError.UnknownHost:
      self.init(code: .addressNotAvailable, message: "cannot resolve \(host): \(error)")
    default:
      return nil
    }
  }

  init(code: Code, message: String) {
    self.code = code
    self.message = message
  }
}
