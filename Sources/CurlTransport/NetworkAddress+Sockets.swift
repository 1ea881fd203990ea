import CCurl
import CCurlShims
import Glibc
import HTTPTransport

extension NetworkAddress {
  /// Reads where libcurl is about to connect; nil for what is no IP address.
  init?(_ address: UnsafeMutablePointer<curl_sockaddr>) {
    // libcurl's structure has room for the longest address behind the field that it declares.
    guard let offset = MemoryLayout<curl_sockaddr>.offset(of: \.addr) else { return nil }
    let raw = UnsafeRawPointer(address) + offset
    let bytes: [UInt8] =
      switch address.pointee.family {
      case AF_INET: withUnsafeBytes(of: raw.loadUnaligned(as: sockaddr_in.self).sin_addr) { Array($0) }
      case AF_INET6: withUnsafeBytes(of: raw.loadUnaligned(as: sockaddr_in6.self).sin6_addr) { Array($0) }
      default: []
      }
    self.init(bytes: bytes)
  }

  /// Reads an address as libcurl prints it; nil for anything else.
  init?(printed text: UnsafePointer<CChar>?) {
    guard let text else { return nil }
    var bytes = [UInt8](repeating: 0, count: 16)
    if inet_pton(AF_INET, text, &bytes) == 1 {
      self.init(bytes: bytes[..<4])
    } else if inet_pton(AF_INET6, text, &bytes) == 1 {
      self.init(bytes: bytes)
    } else {
      return nil
    }
  }
}
