import Dispatch
import Glibc

extension ContainerProbe {
  /// Asks once, on a thread that may block.
  ///
  /// - Parameter address: The Pod's address.
  package func ask(at address: String) async -> Bool {
    await withCheckedContinuation { continuation in
      DispatchQueue.global().async { continuation.resume(returning: self.askNow(at: address)) }
    }
  }

  private func askNow(at address: String) -> Bool {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    let seconds = self.timeout.components.seconds
    var limit = timeval(tv_sec: Int(seconds), tv_usec: 0)
    let size = socklen_t(MemoryLayout<timeval>.size)
    guard setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, size) == 0,
      setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, size) == 0,
      Self.connect(descriptor, to: self.host ?? address, port: self.port)
    else { return false }
    guard case .http(let path, let fields) = self.question else { return true }
    let host =
      fields.contains { $0.lowercased().hasPrefix("host:") } ? [] : ["Host: \(self.host ?? address):\(self.port)"]
    let head = ["GET \(path) HTTP/1.1", "Connection: close", "User-Agent: umpire-node", "Accept: */*"] + host + fields
    let request = Array((head.joined(separator: "\r\n") + "\r\n\r\n").utf8)
    guard send(descriptor, request, request.count, Int32(MSG_NOSIGNAL)) == request.count else { return false }
    return Self.status(of: Self.firstLine(descriptor)).map { (200..<400).contains($0) } ?? false
  }

  private static func connect(_ descriptor: Int32, to host: String, port: UInt16) -> Bool {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    guard inet_pton(AF_INET, host, &address.sin_addr) == 1 else { return false }
    return withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
      }
    }
  }

  /// What the peer sends up to its first line break, at most 256 bytes.
  private static func firstLine(_ descriptor: Int32) -> [UInt8] {
    var line: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 256)
    while line.count < 256, !line.contains(0x0A) {
      let count = recv(descriptor, &buffer, buffer.count, 0)
      guard count > 0 else { break }
      line += buffer[..<count]
    }
    return Array(line.prefix { $0 != 0x0A && $0 != 0x0D })
  }

  /// The number in `HTTP/1.1 200 OK`.
  static func status(of line: [UInt8]) -> Int? {
    let parts = String(decoding: line, as: UTF8.self).split(separator: " ")
    guard parts.count >= 2, parts[0].hasPrefix("HTTP/1."), parts[1].utf8.count == 3 else { return nil }
    return Int(parts[1])
  }
}
