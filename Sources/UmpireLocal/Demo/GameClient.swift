import Dispatch
import Glibc
import HTTPTransport

/// Plays on a sample game server: one TCP connection is one player.
package final class GamePlayer: Sendable {
  package let name: String
  private let descriptor: Int32

  /// Joins the game at `address`.
  ///
  /// - Throws: ``GameRefusal`` if nobody answers or the server takes no new players.
  package init(joining address: String, port: UInt16, as name: String) async throws {
    self.name = name
    self.descriptor = try await GameSocket.perform {
      let descriptor = try GameSocket.connect(address, port)
      do {
        let answer = try GameSocket.ask("JOIN \(name)\n", on: descriptor)
        guard answer.hasPrefix("WELCOME") else { throw GameRefusal(message: "the game answered: \(answer)") }
        return descriptor
      } catch {
        close(descriptor)
        throw error
      }
    }
  }

  /// Leaves by closing the connection.
  deinit { close(self.descriptor) }

  /// Leaves now; the connection is closed from this side.
  package func leave() { Glibc.shutdown(self.descriptor, Int32(SHUT_RDWR)) }

  /// Whether the server still holds the connection, and so the match goes on.
  package var isConnected: Bool {
    var byte: UInt8 = 0
    let count = recv(self.descriptor, &byte, 1, Int32(MSG_PEEK) | Int32(MSG_DONTWAIT))
    return count > 0 || (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
  }
}

/// What a game server says of itself.
struct GameReport: Sendable, Equatable {
  var players: Int
  var version: String

  /// Asks the game server; nil if it does not answer.
  static func ask(_ address: String, port: UInt16) async -> GameReport? {
    // A server that is starting or going answers nothing; that is what nil says.
    try? await GameSocket.perform {
      let descriptor = try GameSocket.connect(address, port)
      defer { close(descriptor) }
      return GameReport(try GameSocket.ask("STATUS\n", on: descriptor))
    }
  }

  init(players: Int, version: String) {
    self.players = players
    self.version = version
  }

  /// Reads `STATUS players=1 closing=false version=v1`.
  init(_ line: String) {
    var values: [Substring: Substring] = [:]
    for word in line.split(whereSeparator: \.isWhitespace) {
      let pair = word.split(separator: "=", maxSplits: 1)
      if pair.count == 2 { values[pair[0]] = pair[1] }
    }
    self.init(players: values["players"].flatMap { Int($0) } ?? 0, version: String(values["version"] ?? ""))
  }
}

/// The game did not let a player in.
package struct GameRefusal: Error, CustomStringConvertible {
  package var message: String
  package var description: String { self.message }
}

/// Short blocking calls on sockets, kept off the cooperative pool.
private enum GameSocket {
  private static let queue = DispatchQueue(label: "umpire.demo.players", attributes: .concurrent)

  static func perform<Result: Sendable>(_ work: @escaping @Sendable () throws -> Result) async throws -> Result {
    try await withCheckedThrowingContinuation { continuation in
      self.queue.async { continuation.resume(with: Swift.Result { try work() }) }
    }
  }

  static func connect(_ address: String, _ port: UInt16) throws -> Int32 {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { throw GameRefusal(message: "no socket: \(String(cString: strerror(errno)))") }
    var patience = timeval(tv_sec: 2, tv_usec: 0)
    let size = socklen_t(MemoryLayout<timeval>.size)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, size)
    setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &patience, size)
    var target = sockaddr_in()
    target.sin_family = sa_family_t(AF_INET)
    target.sin_port = port.bigEndian
    inet_pton(AF_INET, address, &target.sin_addr)
    let result = withUnsafePointer(to: &target) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard result == 0 else {
      let reason = String(cString: strerror(errno))
      close(descriptor)
      throw GameRefusal(message: "\(HostPort(host: address, port: Int(port))): \(reason)")
    }
    return descriptor
  }

  static func ask(_ line: String, on descriptor: Int32) throws -> String {
    let bytes = Array(line.utf8)
    guard send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count else {
      throw GameRefusal(message: "the game hung up")
    }
    var answer: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 256)
    while answer.count < 1_024 {
      let count = recv(descriptor, &buffer, buffer.count, 0)
      guard count > 0 else { throw GameRefusal(message: "the game did not answer") }
      answer.append(contentsOf: buffer.prefix(count))
      if let end = answer.firstIndex(of: 0x0A) { return String(decoding: answer[..<end], as: UTF8.self) }
    }
    throw GameRefusal(message: "the game's answer has no end")
  }
}
