import HTTPTransport
import KubernetesModel
import ReverseProxy
import TestSupport
import Testing

@testable import SidecarPlugins

@Suite(.timeLimit(.minutes(1)))
struct AuthProxyPluginTests {
  @Test func everythingThatIsWrongIsSaidAtOnce() throws {
    let yaml = """
      listen: {host: "a b", port: 70000}
      upstream: {port: x}
      tokens: {environmentVariable: NO_SUCH_VARIABLE}
      realm: 'a"b'
      queryParameter: "a&b"
      trustForwarded: maybe
      limits: {headerBytes: 1, bodyBytes: -1, idleSeconds: 0, connectSeconds: 61, responseSeconds: 3601, connections: 0}
      listens: {}
      """
    let (_, errors, warnings) = try reading(AuthProxyPlugin.self, yaml)
    let keys = [
      "listen.host", "listen.port", "upstream.port", "tokens.environmentVariable", "realm", "queryParameter",
      "trustForwarded", "limits.headerBytes", "limits.bodyBytes", "limits.idleSeconds", "limits.connectSeconds",
      "limits.responseSeconds", "limits.connections",
    ]
    for key in keys { #expect(errors.contains { $0.contains("config.\(key)") }, "\(key)") }
    #expect(errors.count == keys.count)
    #expect(errors.contains { $0.contains("70000") } && errors.contains { $0.contains("NO_SUCH_VARIABLE") })
    #expect(warnings.contains { $0.contains("listens") && $0.contains("listen") })
  }

  @Test func whatMustBeThereIsAskedFor() throws {
    let (_, errors, _) = try reading(AuthProxyPlugin.self, "{}")
    for key in ["listen", "upstream", "tokens"] { #expect(errors.contains { $0.contains("config.\(key)") }, "\(key)") }
    let (_, ports, _) = try reading(AuthProxyPlugin.self, "{listen: {}, upstream: {}, tokens: {}}")
    for key in ["listen.port", "upstream.port", "tokens.file"] {
      #expect(ports.contains { $0.contains("config.\(key)") }, "\(key)")
    }
  }

  @Test(arguments: [
    ("{port: 7000}", "{port: 7000}", false), ("{host: 127.0.0.1, port: 7000}", "{port: 7000}", false),
    ("{host: 10.0.0.1, port: 7000}", "{port: 7000}", true), ("{port: 7001}", "{port: 7000}", true),
  ])
  func theProxyIsNotItsOwnUpstream(listen: String, upstream: String, isSound: Bool) throws {
    let (_, errors, _) = try reading(
      AuthProxyPlugin.self, "{listen: \(listen), upstream: \(upstream), tokens: {file: /tokens}}")
    #expect(errors.isEmpty == isSound)
  }

  @Test func aConfigurationIsReadWhole() throws {
    let yaml = """
      listen: {host: "::", port: 9000}
      upstream: {host: game.local, port: 7000}
      tokens: {environmentVariable: TOKENS}
      realm: arena
      queryParameter: access_token
      trustForwarded: true
      limits: {headerBytes: 2048, bodyBytes: 0, idleSeconds: 5, connectSeconds: 3, responseSeconds: 4, connections: 6}
      """
    let (configuration, errors, warnings) = try reading(
      AuthProxyPlugin.self, yaml, environment: ["TOKENS": "a"])
    #expect(errors.isEmpty && warnings.isEmpty)
    #expect(configuration.host == "::" && configuration.port == 9000)
    #expect(configuration.upstream == .init(host: "game.local", port: 7000))
    #expect(configuration.tokens == .environmentVariable("TOKENS"))
    #expect(configuration.realm == "arena" && configuration.queryParameter == "access_token")
    #expect(configuration.trustsForwarded)
    #expect(configuration.limits.headerBytes == 2048 && configuration.limits.bodyBytes == 0)
    #expect(configuration.limits.idle == .seconds(5) && configuration.limits.connect == .seconds(3))
    #expect(configuration.limits.response == .seconds(4) && configuration.limits.connections == 6)
  }

  @Test func itAsksForATokenAndFollowsTheFile() async throws {
    try await withFolder { folder in
      let path = folder + "/tokens"
      try put("first-token\n", at: path)
      let time = ManualTime()
      var (configuration, _, _) = try reading(
        AuthProxyPlugin.self, "{listen: {port: 1}, upstream: {port: 2}, tokens: {file: '\(path)'}}")
      // Any that is free; nobody listens on the other.
      configuration.port = 0
      let plugin = AuthProxyPlugin(configuration, .test(time: time.time))
      #expect(plugin.status.message == "not listening")
      try await withThrowingTaskGroup(of: Void.self) { group in
        let (readiness, ready) = AsyncStream.makeStream(of: Void.self)
        group.addTask { try await plugin.run(ready: { ready.finish() }) }
        for await _ in readiness {}
        let address = try #require(plugin.status.details["listen"]?.stringValue)
        #expect(plugin.status.message == "listening on \(address), 1 token")
        let port = try #require(Int(address.split(separator: ":").last ?? ""))
        let client = try await SocketClient(port: port)
        func status(_ token: String) async throws -> String {
          try await client.send("GET / HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer \(token)\r\n\r\n")
          return String(try await client.receive(until: "}").prefix(12))
        }
        #expect(try await status("first-token") == "HTTP/1.1 502")
        #expect(try await status("second-token") == "HTTP/1.1 401")

        try put("second-token\nthird-token\n", at: path)
        try await eventually("the file is read again") {
          if time.sleepers > 0 { time.advance(by: .seconds(2)) }
          return plugin.status.details["tokens"]?.integerValue == 2
        }
        #expect(try await status("first-token") == "HTTP/1.1 401")
        #expect(try await status("second-token") == "HTTP/1.1 502")

        try put("", at: path)
        try await eventually("the fault is seen") {
          if time.sleepers > 0 { time.advance(by: .seconds(2)) }
          return plugin.status.details["lastError"]?.stringValue != nil
        }
        #expect(plugin.status.message.contains("there is no token") && !plugin.status.isFailing)
        #expect(try await status("third-token") == "HTTP/1.1 502")
        #expect(!"\(plugin.status)".contains("third-token"))

        await plugin.stop()
        #expect(try await client.receiveAll().isEmpty)
        group.cancelAll()
        try await group.waitForAll()
      }
      #expect(plugin.status.message == "not listening")
    }
  }

  @Test func aFileThatIsNotThereIsAnError() async throws {
    let (configuration, _, _) = try reading(
      AuthProxyPlugin.self, "{listen: {port: 1}, upstream: {port: 2}, tokens: {file: /no/such/file}}")
    let plugin = AuthProxyPlugin(configuration, .test())
    await expect("/no/such/file: there is no such file") { try await plugin.run(ready: {}) }
  }
}

/// Expects an error that says just this.
private func expect(_ message: String, _ body: () async throws -> Void) async {
  do {
    try await body()
    Issue.record("no error")
  } catch {
    #expect("\(error)" == message)
  }
}
