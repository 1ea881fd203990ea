import FoundationEssentials
import Glibc
import KubernetesModel
import Logging
import ServiceLifecycle
import Subprocess
import Synchronization
import SystemPackage
import TestSupport
import Testing
import UmpireModel
import UmpireSidecar

/// A client of Carrier's SDK in another language, with Google's library, against ours over its sockets.
@Suite(.timeLimit(.minutes(3))) struct CarrierClientTests {
  @Test func aGameThatWasWrittenForCarrierWorksUnchanged() async throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent().path
    let server = GatedServer()
    let (ports, told) = AsyncStream.makeStream(of: (SDKService.Interface, Int).self)
    let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
    let sdk = SDKService(server: server, hosts: ["127.0.0.1"], grpcPort: 0, httpPort: 0, logger: logger) {
      told.yield(($0, $2))
    }
    let group = ServiceGroup(configuration: .init(services: [server.sidecar, sdk], logger: logger))
    try await withFolder { folder in
      try await withThrowingTaskGroup(of: Void.self) { tasks in
        tasks.addTask { try await group.run() }
        defer { tasks.cancelAll() }
        var found: [SDKService.Interface: Int] = [:]
        for await (interface, port) in ports {
          found[interface] = port
          if found.count == 2 { break }
        }
        let output = try await Self.play(
          [
            "-u", "\(root)/Tests/IntegrationTests/SDK/Python/carrier_client.py", "\(root)/Sources/CarrierSDK/sdk.proto",
            folder, "127.0.0.1", String(found[.grpc] ?? 0), String(found[.http] ?? 0),
          ],
          python: "\(root)/.build/python/bin/python3", in: folder
        ) {
          // Of all the watchers one is left, which never leaves by itself.
          try await eventually("the others have left") { sdk.watchers == 1 }
          try await eventually("nothing waits that nobody waits for") { server.held == 0 }
          await group.triggerGracefulShutdown()
        }
        #expect(output.hasSuffix("done\n"), "\(output)")
        #expect(!output.contains("FAILED"), "\(output)")
        print(output)
        try await tasks.waitForAll()
      }
    }
    #expect(sdk.watchers == 0)
    let stored = try #require(server.server)
    #expect(stored.metadata.label("umpire.dev/sdk-mode") == "casual")
    #expect(stored.metadata.annotation("umpire.dev/sdk-note") == "two words")
    #expect(stored.metadata.annotation("umpire.dev/sdk-by") == "http")
    #expect(stored.metadata.annotation("umpire.dev/sdk-hold") == nil)
    #expect(stored.status?.conditions.isTrue("MapLoaded") == true)
  }

  /// Runs the client, and `atEnd` once it has nothing more to do than to wait.
  private static func play(
    _ arguments: [String], python: String, in folder: String, _ atEnd: @Sendable () async throws -> Void
  ) async throws -> String {
    let path = "\(folder)/output"
    let file = try FileDescriptor.open(
      FilePath(path), .writeOnly, options: [.create, .append], permissions: [.ownerReadWrite])
    @Sendable func output() -> String {
      // Not written yet is empty.
      (try? Data(contentsOf: URL(filePath: path))).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }
    _ = try await Subprocess.run(
      .path(FilePath(python)), arguments: Arguments(arguments), input: .none,
      output: .fileDescriptor(file, closeAfterSpawningProcess: true), error: .combinedWithOutput
    ) { execution in
      defer { kill(execution.processIdentifier.value, SIGKILL) }
      do {
        try await eventually("the client has played", within: .seconds(60)) {
          output().contains("waiting for the end") || output().contains("FAILED") || output().contains("Traceback")
        }
        try await atEnd()
        try await eventually("the client ends") { output().hasSuffix("done\n") || output().contains("FAILED") }
      } catch {
        Issue.record("\(error); the client has written:\n\(output())")
      }
    }
    return output()
  }
}

/// A Server in memory, of whose annotations one is never stored.
private final class GatedServer: OwnServer {
  let sidecar: Sidecar
  private let waiting = Mutex(0)

  init() {
    let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
    self.sidecar = Sidecar(
      source: .memory(.standalone(environment: ["SERVER_NAME": "arena-1", "POD_NAMESPACE": "games"])), logger: logger)
  }

  /// How many wait for what is never stored.
  var held: Int { self.waiting.withLock { $0 } }
  var server: Server? { self.sidecar.server }
  func updates() -> AsyncStream<Server> { self.sidecar.updates() }

  func store(_ change: ServerChange) async throws(SidecarError) {
    guard change.subject == .annotation("umpire.dev/sdk-hold") else { return try await self.sidecar.store(change) }
    self.waiting.withLock { $0 += 1 }
    defer { self.waiting.withLock { $0 -= 1 } }
    let (nothing, _) = AsyncStream.makeStream(of: Never.self)
    for await _ in nothing {}
    throw SidecarError(.withdrawn, "nobody waits for the change any longer")
  }
}
