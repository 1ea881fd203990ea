import ArgumentParser
import CurlTransport
import FoundationEssentials
import Glibc
import HTTPTransport
import SampleGame
import UnixSignals

@main
struct SampleGameServer: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sample-game-server",
    abstract: "A game server that takes players over TCP and finishes its match before it goes.",
    discussion: """
      One connection is one player. Lines: JOIN <name>, STATUS, LEAVE.

      Environment: UMPIRE_BIND_ADDRESS (*: every IPv4 and IPv6 address), GAME_PORT (7777), GAME_VERSION (v1),
      POD_IP (127.0.0.1) and UMPIRE_SIDECAR_PORT (8080), GAME_POLL_MILLISECONDS (500).
      """)

  func run() async throws {
    let configuration: GameConfiguration
    do throws(GameConfiguration.Invalid) {
      configuration = try GameConfiguration(environment: ProcessInfo.processInfo.environment)
    } catch {
      throw Self.failure("\(error)", EX_USAGE)
    }
    let server: GameServer
    do throws(GameServerError) {
      server = try GameServer(
        listeningOn: configuration.host, port: configuration.port, version: configuration.version)
    } catch {
      throw Self.failure("\(error)", EX_UNAVAILABLE)
    }
    let transport = CurlHTTPTransport()
    defer { transport.shutdown() }
    let sidecar = SidecarPoller(
      transport: transport, authority: configuration.sidecar, interval: configuration.interval
    ) { Self.log($0) }
    let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint)
    Self.log("listening on \(HostPort(host: configuration.host, port: server.port)), version \(configuration.version)")
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await sidecar.run(for: server) }
      group.addTask {
        for await signal in signals {
          Self.log("\(signal), stopping")
          return server.stop()
        }
      }
      await server.run()
      group.cancelAll()
    }
    Self.log("stopped")
  }

  private static func log(_ line: String) {
    // One write for each line, so that lines of several tasks never mix.
    let bytes = Array((line + "\n").utf8)
    _ = bytes.withUnsafeBytes { write(STDOUT_FILENO, $0.baseAddress, $0.count) }
  }

  private static func failure(_ line: String, _ code: Int32) -> ExitCode {
    let bytes = Array("sample-game-server: \(line)\n".utf8)
    _ = bytes.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
    return ExitCode(code)
  }
}
