import CurlTransport
import HTTPTransport
import HTTPTypes
import Metrics
import MetricsTestKit
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(2)))
struct ConnectionTests {
  private static let keep: @Sendable (Connection) -> Void = { connection in
    while connection.readRequest() != nil { connection.respond(body: "ok") }
  }

  @Test func connectionsAreCounted() async throws {
    try await ScriptedServer.run(Self.keep) { server in
      let metrics = TestMetrics()
      let transport = CurlHTTPTransport(metricsFactory: metrics)
      for _ in 0..<5 { _ = try await transport.collect(.to(server.authority)) }
      #expect(transport.statistics.connectionsOpened == 1)
      #expect(transport.statistics.connectionsOpen == 1)
      #expect(try metrics.expectMeter("umpire_http_connections_open").lastValue == 1)
      transport.shutdown()
      // At once: a process that exits now must not be closing connections any more.
      #expect(transport.statistics.connectionsOpen == 0)
      #expect(transport.statistics.connectionsOpened == 1)
      #expect(try metrics.expectMeter("umpire_http_connections_open").lastValue == 0)
      #expect(try metrics.expectCounter("umpire_http_connections_opened_total").totalValue == 1)
    }
  }

  /// Nothing is asked any more, and one stream goes on; both must not keep idle connections open.
  @Test func idleConnectionsAreClosedThoughNothingIsAsked() async throws {
    try await ScriptedServer.run { connection in
      while let request = connection.readRequest() {
        guard !request.contains("/stream") else {
          connection.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
          return connection.waitForClose()
        }
        connection.respond(body: "ok")
      }
    } _: { server in
      try await withTransport(.init(idleConnectionAge: .seconds(1))) { transport in
        let stream = TransportRequest.to(server.authority, path: "/stream", limits: .init(total: nil))
        try await transport.withResponse(to: stream) { _ in
          try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<4 { group.addTask { _ = try await transport.collect(.to(server.authority)) } }
            try await group.waitForAll()
          }
          #expect(transport.statistics.connectionsOpened > 1)
          try await eventually { server.openConnections == 1 }
          #expect(transport.statistics.connectionsOpen == 1)
        }
        _ = try await transport.collect(.to(server.authority))
        try await eventually { server.openConnections == 0 }
      }
    }
  }

  @Test func exchangesWithOneEndpointAreBounded() async throws {
    let running = Mutex((now: 0, most: 0))
    try await ScriptedServer.run { connection in
      while connection.readRequest() != nil {
        running.withLock {
          $0.now += 1
          $0.most = max($0.most, $0.now)
        }
        connection.pause()
        running.withLock { $0.now -= 1 }
        connection.respond(body: "ok")
      }
    } _: { server in
      try await withTransport { transport in
        var request = TransportRequest.to(server.authority)
        request.concurrency = 3
        let bounded = request
        try await withThrowingTaskGroup(of: Void.self) { group in
          for _ in 0..<60 {
            group.addTask {
              let body = try await transport.collect(bounded).body
              #expect(body == Array("ok".utf8))
            }
          }
          try await group.waitForAll()
        }
        #expect(running.withLock { $0.most } == 3)
        #expect(server.acceptedConnections == 3)
      }
    }
  }

  @Test func aTurnThatNeverComesIsATimeout() async throws {
    try await ScriptedServer.run { connection in
      _ = connection.readRequest()
      connection.waitForClose()
    } _: { server in
      try await withTransport { transport in
        var first = TransportRequest.to(server.authority)
        first.concurrency = 1
        var second = first
        second.limits.total = .milliseconds(100)
        let (stuck, late) = (first, second)
        await withTaskGroup(of: Void.self) { group in
          group.addTask { _ = try? await transport.collect(stuck) }
          try? await eventually { server.acceptedConnections == 1 }
          let error = await transportError { _ = try await transport.collect(late) }
          #expect(error?.code == .timeout)
          #expect(error?.progress == .nothingSent)
          // A withdrawn exchange gives its place to the next.
          group.cancelAll()
        }
        try await eventually { server.openConnections == 0 }
        let error = await transportError { _ = try await transport.collect(late) }
        #expect(error?.progress == .noAnswer)
        #expect(server.acceptedConnections == 2)
      }
    }
  }

  @Test(arguments: ["127.0.0.0/8", "127.0.0.1"])
  func refusedRangesAreNotConnectedTo(_ range: String) async throws {
    let refused = try [#require(NetworkRange(range))]
    try await ScriptedServer.run(Self.keep) { server in
      try await withTransport { transport in
        for host in ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "[::ffff:127.0.0.1]"] {
          var request = TransportRequest.to("\(host):\(server.port)")
          request.refusedRanges = refused
          let error = await transportError { _ = try await transport.collect(request) }
          // Of the two addresses of localhost the other is not listened to.
          #expect(error?.code == .refused, "\(host)")
          #expect(error?.message == "127.0.0.1 is an address that must not be asked")
          #expect(error?.progress == .nothingSent)
        }
        #expect(server.acceptedConnections == 0)
        // Nor is a connection used that was opened for somebody else.
        _ = try await transport.collect(.to(server.authority))
        var request = TransportRequest.to(server.authority)
        request.refusedRanges = refused
        let error = await transportError { _ = try await transport.collect(request) }
        #expect(error?.code == .refused)
      }
    }
  }

  @Test func handlesServeDifferentRequestsInTurn() async throws {
    try await ScriptedServer.run { connection in
      while let request = connection.readRequest() {
        connection.respond(
          body: request.hasPrefix("HEAD") ? "" : String(request.split(separator: "\r\n\r\n").last ?? ""))
      }
    } _: { server in
      try await withTransport { transport in
        for size in [3, 2000, 0, 5, 70_000, 1] {
          let body = String(repeating: "x", count: size) + "|\(size)"
          let response = try await transport.collect(.to(server.authority, .post, path: "/\(size)", body: body))
          #expect(String(decoding: response.body, as: UTF8.self) == body)
          let plain = try await transport.collect(.to(server.authority, fields: [.userAgent: "agent-\(size)"]))
          let text = String(decoding: plain.body, as: UTF8.self)
          #expect(text.hasPrefix("GET / HTTP/1.1"))
          #expect(text.contains("agent-\(size)"))
          #expect(!text.contains("Content-Length"))
        }
        #expect(server.acceptedConnections == 1)
      }
    }
  }
}
