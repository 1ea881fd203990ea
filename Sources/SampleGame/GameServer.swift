import Dispatch
import Glibc
import Synchronization

/// Serves one match over TCP, one connection a player, with `poll` on a thread of its own.
///
/// To use a server, listen, then run it:
/// ```
/// let server = try GameServer(listeningOn: "127.0.0.1", port: 7777, version: "v1")
/// try await server.run()
/// ```
package final class GameServer: Sendable {
  /// The port in use.
  package let port: Int
  private let listener: Int32
  /// The two ends of a pipe, which wakes the thread.
  private let stopped: Int32
  private let stopping: Int32
  private let shared: Mutex<Shared>
  private let queue = DispatchQueue(label: "game-server")

  private struct Shared {
    var match: GameMatch
    var isStopping = false
  }

  /// Takes the address.
  ///
  /// - Throws: ``GameServerError`` when it is in use, or not this machine's.
  package init(
    listeningOn host: String, port: Int, version: String, limits: GameMatch.Limits = .init()
  ) throws(GameServerError) {
    (self.listener, self.port) = try SocketCalls.listen(host: host, port: port)
    (self.stopped, self.stopping) = SocketCalls.pipe()
    self.shared = Mutex(Shared(match: GameMatch(version: version, limits: limits)))
  }

  deinit {
    Glibc.close(self.listener)
    Glibc.close(self.stopped)
    Glibc.close(self.stopping)
  }

  /// How many players there are.
  package var players: Int { self.shared.withLock { $0.match.players } }

  /// Takes nobody new from now on.
  package func closeToNewcomers() {
    self.shared.withLock { $0.match.close() }
  }

  /// Says `BYE` to everyone and makes ``run()`` return.
  package func stop() {
    self.shared.withLock { $0.isStopping = true }
    _ = SocketCalls.write("\n", to: self.stopping)
  }

  /// Serves until ``stop()`` is called or the task is cancelled; to be called once.
  package func run() async {
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        self.queue.async {
          self.serve()
          continuation.resume()
        }
      }
    } onCancel: {
      self.stop()
    }
  }

  private func serve() {
    var buffers: [Int32: LineBuffer] = [:]
    while !self.shared.withLock({ $0.isStopping }) {
      for descriptor in SocketCalls.readable([self.listener, self.stopped] + buffers.keys, timeout: 1000) {
        switch descriptor {
        case self.stopped: continue
        case self.listener: self.accept(into: &buffers)
        default: self.receive(from: descriptor, into: &buffers)
        }
      }
      for stranger in self.shared.withLock({ $0.match.idleStrangers(at: .now) }) {
        self.drop(stranger, saying: "BYE", from: &buffers)
      }
    }
    for descriptor in buffers.keys { self.drop(descriptor, saying: "BYE", from: &buffers) }
  }

  private func accept(into buffers: inout [Int32: LineBuffer]) {
    guard let descriptor = SocketCalls.accept(self.listener) else { return }
    buffers[descriptor] = LineBuffer()
    if let reply = self.shared.withLock({ $0.match.connect(descriptor, at: .now) }) {
      self.drop(descriptor, saying: reply.line, from: &buffers)
    }
  }

  private func receive(from descriptor: Int32, into buffers: inout [Int32: LineBuffer]) {
    switch SocketCalls.receive(from: descriptor) {
    case .nothing: return
    case .closed: self.drop(descriptor, saying: nil, from: &buffers)
    case .bytes(let bytes):
      guard let lines = buffers[descriptor]?.append(bytes) else {
        return self.drop(descriptor, saying: "ERROR a line is at most \(LineBuffer.lineLength) bytes", from: &buffers)
      }
      for line in lines {
        let reply = self.shared.withLock { $0.match.receive(line, from: descriptor, at: .now) }
        if reply.hangsUp { return self.drop(descriptor, saying: reply.line, from: &buffers) }
        // A client that sends and never reads fills its own socket, and is then dropped.
        guard SocketCalls.send(reply.line + "\n", to: descriptor) else {
          return self.drop(descriptor, saying: nil, from: &buffers)
        }
      }
    }
  }

  private func drop(_ descriptor: Int32, saying line: String?, from buffers: inout [Int32: LineBuffer]) {
    if let line { _ = SocketCalls.send(line + "\n", to: descriptor) }
    buffers[descriptor] = nil
    self.shared.withLock { $0.match.disconnect(descriptor) }
    Glibc.close(descriptor)
  }
}
