import FoundationEssentials
import Glibc

/// A program with pipes to its standard input and to what it prints.
struct ChildProcess {
  let identifier: pid_t
  private let input: Int32
  private let output: Int32

  /// Which program is started.
  enum Program {
    /// This one once more.
    case thisProgram
    /// One that was built beside this one.
    case neighbour(String)
    /// One of the machine.
    case installed(path: String)

    var path: String {
      get throws {
        switch self {
        case .thisProgram: return "/proc/self/exe"
        case .installed(let path): return path
        case .neighbour(let name):
          let own = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
          return own.prefix(upTo: own.lastIndex(of: "/") ?? own.startIndex) + "/" + name
        }
      }
    }
  }

  /// - Parameter descriptor: what is read of it, its output or its errors.
  init(_ program: Program, _ arguments: [String], reading descriptor: Int32 = STDOUT_FILENO) throws {
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
    posix_spawn_file_actions_adddup2(&actions, fromChild[1], descriptor)
    let path = try program.path
    let words = ([path] + arguments).map { strdup($0) }
    defer { for word in words { free(word) } }
    var identifier: pid_t = 0
    let status = posix_spawn(&identifier, path, &actions, nil, words + [nil], [nil])
    guard status == 0 else { throw BenchmarkError(description: "\(path) does not start: \(status)") }
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
      guard poll(&descriptor, 1, seconds * 1000) == 1, read(self.output, &byte, 1) == 1, bytes.count < 4096 else {
        throw BenchmarkError(description: "the server's process does not say where it listens")
      }
      bytes.append(byte)
    }
    return String(decoding: bytes.dropLast(), as: UTF8.self)
  }

  /// Everything that the child prints until it ends, which it must do by itself.
  func everything() -> String {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    while true {
      let count = read(self.output, &buffer, buffer.count)
      guard count > 0, bytes.count < 1 << 20 else { return String(decoding: bytes, as: UTF8.self) }
      bytes += buffer[..<count]
    }
  }

  func end() {
    kill(self.identifier, SIGKILL)
    var status: Int32 = 0
    waitpid(self.identifier, &status, 0)
    close(self.input)
    close(self.output)
  }
}
