import CurlTransport
import FoundationEssentials
import Glibc
import HTTPTransport
import KubernetesClient

/// An API server in a child process, and a client of it that goes through the socket.
struct ServerProcess: Sendable {
  let identifier: pid_t
  let client: APIClient
  /// What went through the client.
  let traffic: CountingTransport

  /// Where a server keeps its objects.
  enum Storage: String, CaseIterable {
    case memory
    case disk
  }

  /// Runs `body` with a server of its own, which is gone afterwards with all it kept.
  static func run<Result>(
    _ storage: Storage, _ body: (ServerProcess) async throws -> Result
  ) async throws -> Result {
    let folder = FileManager.default.temporaryDirectory.path + "/umpire-benchmark-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    // A folder that is left behind in the temporary directory harms nobody.
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let child = try ChildProcess(arguments: ["serve"] + (storage == .disk ? ["--folder", folder + "/store"] : []))
    defer { child.end() }
    let port = try child.firstLine(within: 15)
    let transport = CurlHTTPTransport()
    defer { transport.shutdown() }
    let traffic = CountingTransport(transport)
    let client = APIClient(
      transport: traffic, configuration: ClientConfiguration(scheme: "http", authority: "127.0.0.1:\(port)"),
      fieldManager: "umpire-benchmarks")
    return try await body(ServerProcess(identifier: child.identifier, client: client, traffic: traffic))
  }
}

/// This program once more, with pipes to its standard input and output.
private struct ChildProcess {
  let identifier: pid_t
  private let input: Int32
  private let output: Int32

  init(arguments: [String]) throws {
    var toChild: [Int32] = [0, 0]
    var fromChild: [Int32] = [0, 0]
    guard pipe(&toChild) == 0, pipe(&fromChild) == 0 else {
      throw BenchmarkError(description: "no pipe is to be had")
    }
    // The child has what it is given as standard input and output, and no other end.
    for descriptor in toChild + fromChild { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
    defer {
      close(toChild[0])
      close(fromChild[1])
    }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, toChild[0], STDIN_FILENO)
    posix_spawn_file_actions_adddup2(&actions, fromChild[1], STDOUT_FILENO)
    let words = (["umpire-benchmarks"] + arguments).map { strdup($0) }
    defer { for word in words { free(word) } }
    var identifier: pid_t = 0
    let status = posix_spawn(&identifier, "/proc/self/exe", &actions, nil, words + [nil], [nil])
    guard status == 0 else { throw BenchmarkError(description: "the server's process does not start: \(status)") }
    self.identifier = identifier
    self.input = toChild[1]
    self.output = fromChild[0]
  }

  /// The first line that the child prints.
  func firstLine(within seconds: Int32) throws -> String {
    var bytes: [UInt8] = []
    var descriptor = pollfd(fd: self.output, events: Int16(POLLIN), revents: 0)
    while bytes.last != 0x0A {
      var byte: UInt8 = 0
      guard poll(&descriptor, 1, seconds * 1000) == 1, read(self.output, &byte, 1) == 1, bytes.count < 64 else {
        throw BenchmarkError(description: "the server's process does not say where it listens")
      }
      bytes.append(byte)
    }
    return String(decoding: bytes.dropLast(), as: UTF8.self)
  }

  func end() {
    kill(self.identifier, SIGKILL)
    var status: Int32 = 0
    waitpid(self.identifier, &status, 0)
    close(self.input)
    close(self.output)
  }
}
