import APIServer
import ArgumentParser
import Glibc
import Logging
import ServerSupport

/// The API server in a process of its own, as the benchmarks start it.
struct ServeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "serve", abstract: "Serves the API on loopback until standard input ends.", shouldDisplay: false)

  @Option(name: .long, help: "Keep objects in this folder rather than in memory.")
  var folder: String?

  func run() async throws {
    var logger = Logger(label: "umpire-benchmarks", factory: { StreamLogHandler.standardError(label: $0) })
    logger.logLevel = .warning
    let storage: EmbeddedAPIServer.Configuration.Storage = self.folder.map { .directory($0) } ?? .memory
    let server = try EmbeddedAPIServer.open(.init(storage: storage, logger: logger))
    defer { server.close() }
    let listener = TransportListener(serving: server, host: "127.0.0.1", port: 0, logger: logger) { _, port in
      let line = "\(port)\n"
      _ = write(STDOUT_FILENO, line, line.utf8.count)
    }
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await server.run() }
      group.addTask { try await listener.run() }
      group.addTask { try await Self.waitForEndOfInput() }
      try await group.next()
      group.cancelAll()
    }
  }

  /// Returns once the process that started this one is gone or has closed the pipe.
  private static func waitForEndOfInput() async throws {
    var input = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
    while poll(&input, 1, 0) == 0 { try await Task.sleep(for: .milliseconds(200)) }
  }
}
