import CurlTransport
import HTTPTransport
import HTTPTypes
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(2)))
struct ExchangeTests {
  @Test func sendsMethodPathFieldsAndBody() async throws {
    let seen = Mutex<String?>(nil)
    try await ScriptedServer.run { connection in
      let request = connection.readRequest()
      seen.withLock { $0 = request }
      connection.respond("201 Created", fields: "X-Kind: first\r\nX-Kind: second\r\n", body: "made")
    } _: { server in
      try await withTransport { transport in
        let response = try await transport.collect(
          .to(
            server.authority, .post, path: "/a/../b?c=d%20e",
            fields: [.contentType: "application/json", .init("X-Empty")!: ""], body: #"{"key":1}"#))
        #expect(response.head.status == .created)
        #expect(response.head.headerFields[values: .init("X-Kind")!] == ["first", "second"])
        #expect(String(decoding: response.body, as: UTF8.self) == "made")
      }
      let request = try #require(seen.withLock { $0 })
      let lines = request.split(separator: "\r\n").map(String.init)
      #expect(lines.first == "POST /a/../b?c=d%20e HTTP/1.1")
      #expect(
        Set(lines.dropFirst()) == [
          "Host: \(server.authority)", "Content-Type: application/json", "X-Empty:", "Content-Length: 9",
          #"{"key":1}"#,
        ])
    }
  }

  @Test(arguments: [HTTPRequest.Method.get, .delete, .put, .patch, .post])
  func addsNothingToARequest(_ method: HTTPRequest.Method) async throws {
    let seen = Mutex<String?>(nil)
    try await ScriptedServer.run { connection in
      let request = connection.readRequest()
      seen.withLock { $0 = request }
      connection.respond()
    } _: { server in
      try await withTransport { transport in
        _ = try await transport.collect(.to(server.authority, method))
      }
      var lines = try #require(seen.withLock { $0 }).split(separator: "\r\n").map(String.init)
      #expect(lines.removeFirst() == "\(method.rawValue) / HTTP/1.1")
      lines.removeAll { $0 == "Content-Length: 0" }
      #expect(lines == ["Host: \(server.authority)"])
    }
  }

  @Test func headHasNoBody() async throws {
    try await ScriptedServer.run { connection in
      while let request = connection.readRequest(), request.hasPrefix("HEAD ") {
        connection.write("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n")
      }
    } _: { server in
      try await withTransport { transport in
        for _ in 0..<2 {
          let response = try await transport.collect(.to(server.authority, .head))
          #expect(response.head.headerFields[.contentLength] == "10")
          #expect(response.body.isEmpty)
        }
      }
      #expect(server.acceptedConnections == 1)
    }
  }

  @Test func skipsInterimResponses() async throws {
    try await ScriptedServer.run { connection in
      _ = connection.readRequest()
      connection.write("HTTP/1.1 103 Early Hints\r\nLink: <x>\r\n\r\n")
      connection.respond(body: "real")
    } _: { server in
      try await withTransport { transport in
        let response = try await transport.collect(.to(server.authority))
        #expect(response.head.status == .ok)
        #expect(response.head.headerFields[.init("Link")!] == nil)
        #expect(String(decoding: response.body, as: UTF8.self) == "real")
      }
    }
  }

  @Test func doesNotFollowRedirects() async throws {
    try await ScriptedServer.run { connection in
      while connection.readRequest() != nil {
        connection.respond("302 Found", fields: "Location: /elsewhere\r\n")
      }
    } _: { server in
      try await withTransport { transport in
        let response = try await transport.collect(.to(server.authority))
        #expect(response.head.status == .found)
        #expect(response.head.headerFields[.location] == "/elsewhere")
      }
    }
  }

  @Test func keepsConnections() async throws {
    try await ScriptedServer.run { connection in
      while connection.readRequest() != nil { connection.respond(body: "ok") }
    } _: { server in
      try await withTransport { transport in
        for _ in 0..<20 { _ = try await transport.collect(.to(server.authority, .post, body: "x")) }
      }
      #expect(server.acceptedConnections == 1)
    }
  }

  @Test func runsManyRequestsAtOnce() async throws {
    try await ScriptedServer.run { connection in
      while let request = connection.readRequest() {
        connection.respond(body: String(request.prefix { !$0.isNewline }))
      }
    } _: { server in
      try await withTransport { transport in
        let bodies = try await withThrowingTaskGroup(of: String.self) { group in
          for index in 0..<100 {
            group.addTask {
              let response = try await transport.collect(.to(server.authority, path: "/\(index)"))
              return String(decoding: response.body, as: UTF8.self)
            }
          }
          return try await group.reduce(into: Set<String>()) { $0.insert($1) }
        }
        #expect(bodies == Set((0..<100).map { "GET /\($0) HTTP/1.1" }))
      }
    }
  }

  @Test func boundsConnectionsWhenAsked() async throws {
    try await ScriptedServer.run { connection in
      while connection.readRequest() != nil { connection.respond(body: "ok") }
    } _: { server in
      try await withTransport(.init(connectionsPerHost: 2)) { transport in
        try await withThrowingTaskGroup(of: Void.self) { group in
          for _ in 0..<30 { group.addTask { _ = try await transport.collect(.to(server.authority)) } }
          try await group.waitForAll()
        }
      }
      #expect(server.acceptedConnections <= 2)
    }
  }

  @Test func handsOverTheHeadBeforeTheBody() async throws {
    let released = Mutex(false)
    try await ScriptedServer.run { connection in
      _ = connection.readRequest()
      connection.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
      while !released.withLock({ $0 }) { connection.pause() }
      connection.write("3\r\none\r\n")
      connection.write("3\r\ntwo\r\n0\r\nX-Trailer: ignored\r\n\r\n")
    } _: { server in
      try await withTransport { transport in
        let text = try await transport.withResponse(to: .to(server.authority)) { response in
          #expect(response.head.status == .ok)
          released.withLock { $0 = true }
          return String(decoding: try await response.body.collect(upTo: 100), as: UTF8.self)
        }
        #expect(text == "onetwo")
      }
    }
  }

  @Test func makesAFastSenderWaitForASlowReader() async throws {
    let sent = Mutex(0)
    let total = 64 << 20
    try await ScriptedServer.run { connection in
      _ = connection.readRequest()
      connection.write("HTTP/1.1 200 OK\r\nContent-Length: \(total)\r\n\r\n")
      let piece = [UInt8](repeating: 7, count: 64 << 10)
      for _ in 0..<(total / piece.count) {
        guard connection.write(piece) else { return }
        sent.withLock { $0 += piece.count }
      }
    } _: { server in
      try await withTransport { transport in
        let limits = TransportRequest.Limits(total: nil, idle: .seconds(15))
        let received = try await transport.withResponse(to: .to(server.authority, limits: limits)) { response in
          // The sender stands still once the kernel's buffers and ours are full.
          var last = -1
          try await eventually {
            try await Task.sleep(for: .milliseconds(100))
            let now = sent.withLock { $0 }
            defer { last = now }
            return now == last
          }
          #expect(last < total / 2)
          var count = 0
          for try await chunk in response.body {
            #expect(chunk.count <= 512 << 10)
            count += chunk.count
          }
          return count
        }
        #expect(received == total)
      }
    }
  }

  @Test func refusesABodyThatIsTooLarge() async throws {
    try await ScriptedServer.run { connection in
      _ = connection.readRequest()
      connection.respond(body: String(repeating: "x", count: 1000))
    } _: { server in
      try await withTransport { transport in
        let error = await transportError {
          _ = try await transport.collect(.to(server.authority, limits: .init(responseBytes: 999)))
        }
        #expect(error?.code == .tooLarge)
      }
    }
  }

  @Test func repeatsOnADeadConnectionOnlyWhatIsIdempotent() async throws {
    let requests = Mutex<[String]>([])
    try await ScriptedServer.run { connection in
      // Answers once, then takes a request without a word and hangs up.
      guard let first = connection.readRequest() else { return }
      requests.withLock { $0.append(String(first.prefix { $0 != " " })) }
      connection.respond(body: "ok")
      guard let second = connection.readRequest() else { return }
      requests.withLock { $0.append(String(second.prefix { $0 != " " }) + " dropped") }
    } _: { server in
      try await withTransport { transport in
        _ = try await transport.collect(.to(server.authority))
        let again = try await transport.collect(.to(server.authority, .put, body: "x"))
        #expect(again.head.status == .ok)
        let error = await transportError {
          _ = try await transport.collect(.to(server.authority, .post, body: "x"))
        }
        #expect(error?.code == .connectionBroken)
        #expect(error?.progress == .noAnswer)
      }
      #expect(requests.withLock { $0 } == ["GET", "PUT dropped", "PUT", "POST dropped"])
    }
  }
}
