import HTTPTransport
import Logging
import Metrics
import MetricsTestKit
import ServiceLifecycle
import TestSupport

@testable import ReverseProxy

extension Logger {
  /// A logger that drops everything.
  static let silent = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
}

/// A proxy that runs, and the game server behind it, which the test plays.
struct ProxyFixture: Sendable {
  static let token = "secret-token"
  let game: PeerListener
  let port: Int
  let proxy: BearerProxy
  let metrics: TestMetrics

  func connect() async throws -> PeerSocket { try await .connect(port: self.port) }

  /// Sends a request with the token; `lines` follow the request line.
  static func request(_ line: String, _ lines: [String] = [], body: String = "") -> String {
    let head = ["\(line) HTTP/1.1", "Host: game.example", "Authorization: Bearer \(Self.token)"] + lines
    return head.joined(separator: "\r\n") + "\r\n\r\n" + body
  }

  /// How often a request was refused for this reason.
  func refused(_ reason: String) throws -> Int64 {
    try self.metrics.expectCounter("umpire_proxy_refused_total", [("reason", reason)]).values.reduce(0, +)
  }

  func failures(_ reason: String) throws -> Int64 {
    try self.metrics.expectCounter("umpire_proxy_upstream_failures_total", [("reason", reason)]).values.reduce(0, +)
  }
}

/// Runs `body` with a proxy, and stops it afterwards.
func withProxy(
  limits: ProxyLimits = ProxyLimits(), queryParameter: String? = nil, trustsForwarded: Bool = false,
  _ body: @escaping @Sendable (ProxyFixture) async throws -> Void
) async throws {
  let game = try PeerListener()
  defer { game.close() }
  let tokens = TokenStore(
    .environmentVariable("TOKENS"), environment: ["TOKENS": "another,\(ProxyFixture.token)"], logger: .silent)
  try tokens.load()
  let (ports, port) = AsyncStream.makeStream(of: Int.self)
  let metrics = TestMetrics()
  let proxy = BearerProxy(
    ProxyConfiguration(
      listen: .init(host: "127.0.0.1", port: 0), upstream: .init(host: "127.0.0.1", port: game.port),
      realm: "arena", queryParameter: queryParameter, trustsForwarded: trustsForwarded, limits: limits),
    tokens: tokens, logger: .silent, metricsFactory: metrics
  ) {
    port.yield($0.port)
    port.finish()
  }
  try await withThrowingTaskGroup(of: Void.self) { group in
    group.addTask { try await proxy.run() }
    for await port in ports {
      try await body(ProxyFixture(game: game, port: port, proxy: proxy, metrics: metrics))
    }
    group.cancelAll()
    try await group.waitForAll()
  }
}
