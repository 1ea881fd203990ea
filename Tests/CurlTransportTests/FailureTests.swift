import HTTPTransport
import HTTPTypes
import Synchronization
import Testing

@testable import CurlTransport

@Suite(.timeLimit(.minutes(2)))
struct FailureTests {
  @Test func cancellationClosesTheConnection() async throws {
    try await ScriptedServer.run { connection in
      _ = connection.readRequest()
      connection.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
      connection.waitForClose()
    } _: { server in
      try await withTransport { transport in
        await withTaskGroup(of: Void.self) { group in
          let (heads, head) = AsyncStream.makeStream(of: Void.self)
          group.addTask {
            await #expect(throws: CancellationError.self) {
              try await transport.withResponse(to: .to(server.authority, limits: .init(total: nil))) { response in
                head.yield()
                for try await _ in response.body {}
              }
            }
          }
          for await _ in heads { break }
          group.cancelAll()
        }
        try await eventually { server.openConnections == 0 }
      }
    }
  }

  @Test func cancellationBeforeTheHeadClosesTheConnection() async throws {
    try await ScriptedServer.run { connection in
      connection.waitForClose()
    } _: { server in
      try await withTransport { transport in
        try await withThrowingTaskGroup(of: Void.self) { group in
          group.addTask {
            await #expect(throws: CancellationError.self) {
              _ = try await transport.collect(.to(server.authority))
            }
          }
          try await eventually { server.openConnections == 1 }
          group.cancelAll()
        }
        try await eventually { server.openConnections == 0 }
      }
    }
  }

  @Test func leavingTheHandlerClosesTheConnection() async throws {
    try await ScriptedServer.run { connection in
      _ = connection.readRequest()
      connection.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nsome")
      connection.waitForClose()
    } _: { server in
      try await withTransport { transport in
        let status = try await transport.withResponse(to: .to(server.authority)) { $0.head.status }
        #expect(status == .ok)
        try await eventually { server.openConnections == 0 }
      }
    }
  }

  @Test func totalDeadlinePasses() async throws {
    try await ScriptedServer.run { connection in
      _ = connection.readRequest()
      connection.waitForClose()
    } _: { server in
      try await withTransport { transport in
        let error = await transportError {
          _ = try await transport.collect(.to(server.authority, limits: .init(total: .milliseconds(150))))
        }
        #expect(error?.code == .timeout)
        #expect(error?.progress == .noAnswer)
      }
    }
  }

  @Test func totalDeadlinePassesInTheBodyDespiteADrip() async throws {
    try await ScriptedServer.run { connection in
      _ = connection.readRequest()
      connection.write("HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
      while connection.write("x") { connection.pause() }
    } _: { server in
      try await withTransport { transport in
        let error = await transportError {
          _ = try await transport.collect(
            .to(server.authority, limits: .init(total: .milliseconds(200), idle: .seconds(10))))
        }
        #expect(error?.code == .timeout)
        #expect(error?.progress == .answerBegun)
      }
    }
  }

  @Test func silenceEndsAStream() async throws {
    try await ScriptedServer.run { connection in
      _ = connection.readRequest()
      connection.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n")
      connection.waitForClose()
    } _: { server in
      try await withTransport { transport in
        let received = Mutex(0)
        let error = await transportError {
          let limits = TransportRequest.Limits(total: nil, idle: .milliseconds(150))
          try await transport.withResponse(to: .to(server.authority, limits: limits)) { response in
            for try await chunk in response.body { received.withLock { $0 += chunk.count } }
          }
        }
        #expect(error?.code == .timeout)
        #expect(received.withLock { $0 } == 1)
      }
    }
  }

  @Test func connectionIsRefused() async throws {
    // A server that has stopped leaves a port that nobody listens on.
    let authority = try await ScriptedServer.run { _ in
    } _: {
      $0.authority
    }
    try await withTransport { transport in
      try await eventually {
        let error = await transportError { _ = try await transport.collect(.to(authority)) }
        return error?.code == .connect && error?.progress == .nothingSent && error?.isSafeToRetry == true
      }
    }
  }

  @Test(arguments: [
    ("Failed to connect to a port 1 after 12 ms: Couldn't connect", "Failed to connect to a port 1: Couldn't connect"),
    ("Connection timed out after 5001 milliseconds", "Connection timed out"), ("look after it", "look after it"),
    ("gone after", "gone after"), ("after 1 ms", ""),
  ])
  func messagesDoNotSayHowLongItTook(_ detail: String, _ message: String) {
    #expect(TransportError.withoutDuration(detail) == message)
  }

  @Test func unknownHost() async throws {
    try await withTransport { transport in
      let error = await transportError { _ = try await transport.collect(.to("no-such-host.invalid")) }
      #expect(error?.code == .nameResolution)
      #expect(error?.progress == .nothingSent)
    }
  }

  @Test func resetInTheMiddleOfAnAnswer() async throws {
    try await ScriptedServer.run { connection in
      _ = connection.readRequest()
      connection.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nsome")
      connection.resetOnClose()
    } _: { server in
      try await withTransport { transport in
        let error = await transportError { _ = try await transport.collect(.to(server.authority)) }
        #expect(error?.code == .connectionBroken)
        #expect(error?.progress == .answerBegun)
      }
    }
  }

  @Test func connectionClosedWithoutAnAnswer() async throws {
    try await ScriptedServer.run { connection in
      _ = connection.readRequest()
    } _: { server in
      try await withTransport { transport in
        let error = await transportError { _ = try await transport.collect(.to(server.authority)) }
        #expect(error?.code == .connectionBroken)
        #expect(error?.progress == .noAnswer)
      }
    }
  }

  @Test func headTooLarge() async throws {
    try await ScriptedServer.run { connection in
      _ = connection.readRequest()
      connection.write("HTTP/1.1 200 OK\r\n")
      while connection.write("X-More: \(String(repeating: "y", count: 1000))\r\n") {}
    } _: { server in
      try await withTransport { transport in
        let error = await transportError { _ = try await transport.collect(.to(server.authority)) }
        #expect(error?.code == .tooLarge)
      }
    }
  }

  @Test(arguments: ["garbage\r\n\r\n", "HTTP/1.1 abc OK\r\n\r\n", "\u{0}\u{1}\u{2}\r\n", "SSH-2.0-server\r\n"])
  func answerThatIsNotHTTP(_ answer: String) async throws {
    try await ScriptedServer.run { connection in
      _ = connection.readRequest()
      connection.write(answer)
    } _: { server in
      try await withTransport { transport in
        let error = await transportError { _ = try await transport.collect(.to(server.authority)) }
        #expect(error?.code == .malformedResponse)
      }
    }
  }

  @Test func shutdownFailsWhatRunsAndWhatFollows() async throws {
    try await ScriptedServer.run { connection in
      connection.waitForClose()
    } _: { server in
      try await withTransport { transport in
        try await withThrowingTaskGroup(of: Void.self) { group in
          for _ in 0..<5 {
            group.addTask {
              let error = await transportError {
                _ = try await transport.collect(.to(server.authority, limits: .init(total: nil)))
              }
              #expect(error?.code == .closed)
            }
          }
          try await eventually { server.openConnections == 5 }
          transport.shutdown()
          try await group.waitForAll()
        }
        let error = await transportError { _ = try await transport.collect(.to(server.authority)) }
        #expect(error?.code == .closed)
        #expect(error?.progress == .nothingSent)
        try await eventually { server.openConnections == 0 }
      }
    }
  }

  @Test func lettingGoOfATransportClosesItsConnections() async throws {
    try await ScriptedServer.run { connection in
      while connection.readRequest() != nil { connection.respond(body: "ok") }
    } _: { server in
      do {
        let transport = CurlHTTPTransport()
        _ = try await transport.collect(.to(server.authority))
      }
      try await eventually { server.openConnections == 0 }
    }
  }

  @Test func anErrorOfTheHandlerIsPassedOn() async throws {
    struct Mine: Error {}
    try await ScriptedServer.run { connection in
      _ = connection.readRequest()
      connection.respond(body: "ok")
    } _: { server in
      try await withTransport { transport in
        await #expect(throws: Mine.self) {
          try await transport.withResponse(to: .to(server.authority)) { _ in throw Mine() }
        }
      }
    }
  }
}
