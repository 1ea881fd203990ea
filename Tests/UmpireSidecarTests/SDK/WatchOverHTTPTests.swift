import CarrierSDK
import HTTPTypes
import KubernetesModel
import Synchronization
import TestSupport
import Testing
import UmpireModel

@testable import UmpireSidecar

/// What holds of a watch that is the first request of its connection, and so has it to itself, and of a later one.
@Suite(.timeLimit(.minutes(2)))
struct WatchOverHTTPTests {
  @Test(arguments: Order.allCases)
  func aWatcherIsToldThePresentStateAndThenEachChange(order: Order) async throws {
    try await RunningSDK.run { sdk in
      let socket = try await Self.watcher(of: sdk, order)
      let first = try await socket.receive(until: "}\n")
      #expect(first.hasPrefix("HTTP/1.1 200 OK\r\n"))
      #expect(first.lowercased().contains("transfer-encoding: chunked"))
      #expect(first.contains(#"{"result":{"objectMeta":{"#))
      sdk.server.change { $0.status?.state = .draining }
      #expect(try await socket.receive(until: "}\n").contains(#""state":"Draining""#))
      await sdk.stop()
      #expect(try await socket.receiveAll().contains("result") == false)
    }
  }

  @Test(arguments: Order.allCases)
  func theHeadIsThereBeforeTheServerHasBeenRead(order: Order) async throws {
    try await RunningSDK.run(StubServer(nil)) { sdk in
      let socket = try await Self.watcher(of: sdk, order)
      #expect(try await socket.receive(until: "\r\n\r\n").hasPrefix("HTTP/1.1 200 OK\r\n"))
      sdk.server.change { _ in }
      #expect(try await socket.receive(until: "}\n").contains("arena-1"))
    }
  }

  @Test(arguments: Order.allCases)
  func nothingIsLeftOfAWatcherThatHasGoneThoughTheServerStaysAsItIs(order: Order) async throws {
    try await RunningSDK.run { sdk in
      let closing = try await Self.watcher(of: sdk, order)
      let halfClosing = try await Self.watcher(of: sdk, order)
      _ = try await closing.receive(until: "}\n")
      _ = try await halfClosing.receive(until: "}\n")
      #expect(sdk.service.watchers == 2)
      closing.close()
      try await eventually("the first is gone") { sdk.service.watchers == 1 }
      try halfClosing.finishSending()
      try await eventually("the second is gone") { sdk.service.watchers == 0 }
      #expect(try sdk.measuredWatchers == 0)
      #expect(sdk.server.readers == 1)
    }
  }

  @Test(arguments: Order.allCases)
  func aSlowWatcherMissesStatesInBetweenAndNeverTheLast(order: Order) async throws {
    try await RunningSDK.run { sdk in
      let socket = try await Self.watcher(of: sdk, order)
      _ = try await socket.receive(until: "}\n")
      let text = String(repeating: "x", count: 30_000)
      // Far more than the socket holds.
      for index in 1...1_000 { sdk.server.change { $0.metadata.annotations = ["note": text, "turn": "\(index)"] } }
      sdk.server.change { $0.metadata.annotations = ["turn": "last"] }
      let received = try await socket.receive(until: #""turn":"last""#)
      #expect(received.contains("last"))
      #expect(received.utf8.count < 1_000 * 30_000)
    }
  }

  @Test func aThousandWatch() async throws {
    try await RunningSDK.run { sdk in
      var sockets: [SocketClient] = []
      for _ in 0..<1_000 { sockets.append(try await Self.watcher(of: sdk, .first)) }
      try await eventually("all watch", within: .seconds(60)) { sdk.service.watchers == 1_000 }
      #expect(sdk.server.readers == 1)
      let put = try await sdk.send(.put, "/metadata/label", text: #"{"key":"mode","value":"ranked"}"#)
      #expect(put.head.status == .ok)
      for socket in sockets { #expect(try await socket.receive(until: "ranked").contains("ranked")) }
      for socket in sockets { socket.close() }
      try await eventually("all are gone", within: .seconds(60)) { sdk.service.watchers == 0 }
    }
  }

  @Test(arguments: Order.allCases)
  func oneTooManyIsTurnedAway(order: Order) async throws {
    var limits = SDKLimits()
    limits.watchers = 1
    try await RunningSDK.run(limits: limits) { sdk in
      let socket = try await Self.watcher(of: sdk, order)
      _ = try await socket.receive(until: "}\n")
      let second = try await Self.watcher(of: sdk, order)
      let answer = try await second.receive(until: "}")
      #expect(answer.hasPrefix("HTTP/1.1 429 "))
      #expect(answer.contains(#""code":8"#))
    }
  }

  // MARK: A connection of its own

  @Test func aRequestMayComeInPieces() async throws {
    try await RunningSDK.run { sdk in
      let socket = try await SocketClient(port: sdk.httpPort)
      for piece in ["G", "ET /watch/game", "server", "?a=b", " HTTP/1.1\r\nHo", "st: a\r\n", "\r", "\n"] {
        try await socket.send(piece)
        // Answered, so that what was sent before has been read by itself.
        _ = try await sdk.send(.get, "/gameserver")
      }
      #expect(try await socket.receive(until: "}\n").contains("arena-1"))
    }
  }

  @Test func anOldClientReadsUntilTheConnectionEnds() async throws {
    try await RunningSDK.run { sdk in
      let socket = try await SocketClient(port: sdk.httpPort)
      try await socket.send("GET /watch/gameserver HTTP/1.0\r\n\r\n")
      let first = try await socket.receive(until: "}\n")
      #expect(!first.lowercased().contains("transfer-encoding"))
      #expect(first.contains("\r\n\r\n{\"result\":"))
      await sdk.stop()
      #expect(try await socket.receiveAll() == "")
    }
  }

  @Test func whatFollowsAWatchIsNotAnswered() async throws {
    try await RunningSDK.run { sdk in
      let socket = try await Self.watcher(of: sdk, .first)
      _ = try await socket.receive(until: "}\n")
      try await socket.send("GET /gameserver HTTP/1.1\r\nHost: a\r\n\r\n\0\0\0")
      _ = try await sdk.send(.get, "/gameserver")
      sdk.server.change { $0.status?.state = .draining }
      #expect(try await socket.receive(until: "}\n").contains("Draining"))
      await sdk.stop()
      #expect(try await socket.receiveAll().contains("HTTP/1.1") == false)
    }
  }

  @Test(arguments: [
    "GET /watch/gameserver HTTX\r\n\r\n", "GET /watch/gameserver HTTP/1.1\r\n: x\r\n\r\n",
    "GET /watch/gameserver HTTP/1.1\r\nA: \(String(repeating: "x", count: 17 << 10))\r\n\r\n",
    "GET /watch/gameserver HTTP/1.1\r\n\(String(repeating: "A: x\r\n", count: 65))\r\n",
  ])
  func whatIsNoRequestIsRefused(text: String) async throws {
    try await RunningSDK.run { sdk in
      let socket = try await SocketClient(port: sdk.httpPort)
      try await socket.send(text)
      #expect(try await socket.receive(until: "\r\n").hasPrefix("HTTP/1.1 400 "))
      #expect(sdk.service.watchers == 0)
    }
  }

  @Test(arguments: ["", "GET /watch/gam", "GET /watch/gameserver HTTP/1.1\r\nHost: a\r\n"])
  func aClientThatDoesNotSayWhatItWantsIsCutOff(text: String) async throws {
    var limits = SDKLimits()
    limits.idle = .milliseconds(100)
    limits.requestTime = .milliseconds(100)
    try await RunningSDK.run(limits: limits) { sdk in
      let socket = try await SocketClient(port: sdk.httpPort)
      try await socket.send(text)
      #expect(try await socket.receiveAll() == "")
    }
  }

  @Test(arguments: ["", "GET /watch/gam", "GET /watch/gameserver HTTP/1.1\r\nHost: a\r\n"])
  func aStopDoesNotWaitForAClientThatHasAskedNothing(text: String) async throws {
    var limits = SDKLimits()
    limits.drain = .seconds(60)
    try await RunningSDK.run(limits: limits) { sdk in
      let socket = try await SocketClient(port: sdk.httpPort)
      try await socket.send(text)
      _ = try await sdk.send(.get, "/gameserver")
      await sdk.stop()
      #expect(try await socket.receiveAll() == "")
    }
  }

  @Test func aStopDoesNotWaitForAWatcherThatReadsNothing() async throws {
    var limits = SDKLimits()
    limits.drain = .seconds(60)
    try await RunningSDK.run(limits: limits) { sdk in
      let socket = try await Self.watcher(of: sdk, .first)
      _ = try await socket.receive(until: "}\n")
      let text = String(repeating: "x", count: 30_000)
      // Far more than the socket holds.
      for index in 1...1_000 { sdk.server.change { $0.metadata.annotations = ["note": text, "turn": "\(index)"] } }
      await sdk.stop()
      try await eventually("it is cut off") { sdk.service.watchers == 0 }
    }
  }

  /// Which request of its connection a watch is.
  enum Order: CaseIterable { case first, later }

  private static func watcher(of sdk: RunningSDK, _ order: Order) async throws -> SocketClient {
    let socket = try await SocketClient(port: sdk.httpPort)
    if order == .later {
      try await socket.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n")
      _ = try await socket.receive(until: "}")
    }
    try await socket.send("GET /watch/gameserver HTTP/1.1\r\nHost: a\r\n\r\n")
    return socket
  }
}
