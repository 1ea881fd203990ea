import CarrierSDK
import HTTPTypes
import KubernetesModel
import Synchronization
import TestSupport
import Testing
import UmpireModel

@testable import UmpireSidecar

@Suite(.timeLimit(.minutes(2)))
struct SDKOverHTTPTests {
  @Test func aClientReadsItsServer() async throws {
    try await RunningSDK.run { sdk in
      let answer = try await sdk.send(.get, "/gameserver?pretty")
      #expect(answer.head.status == .ok)
      #expect(answer.head.headerFields[.contentType] == "application/json")
      #expect(try answer.body == JSONValue(parsing: EncodedGameServer(.init(.arena)).json))
      let head = try await sdk.send(.head, "/gameserver")
      #expect(head.head.status == .ok)
      #expect(head.body == .null)
    }
  }

  @Test func anUnreadServerIsUnavailable() async throws {
    try await RunningSDK.run(StubServer(nil)) { sdk in
      let answer = try await sdk.send(.get, "/gameserver")
      #expect(answer.head.status == .serviceUnavailable)
      let why: JSONValue = "the Server has not been read from the API server yet"
      #expect(answer.body == ["error": why, "code": 14, "message": why])
    }
  }

  @Test func aChangeIsAnsweredOnceItIsStored() async throws {
    try await RunningSDK.run { sdk in
      for (path, body) in [
        ("/metadata/label", #"{"key":"mode","value":"ranked"}"#),
        ("/metadata/annotation", #"{"unknown":{"deep":[1,2]},"value":"two words","key":"note"}"#),
        ("/condition", #"{"key":"MapLoaded","value":"True"}"#), ("/condition", #"{"key":"MapLoaded"}"#),
      ] {
        let answer = try await sdk.send(.put, path, text: body)
        #expect(answer.head.status == .ok)
        #expect(answer.body == [:])
      }
      #expect(
        sdk.server.stored == [
          .label(key: "umpire.dev/sdk-mode", value: "ranked"),
          .annotation(key: "umpire.dev/sdk-note", value: "two words"),
          .condition(type: "MapLoaded", isTrue: true, reason: "SetByGameServer"),
          .condition(type: "MapLoaded", isTrue: false, reason: "SetByGameServer"),
        ])
    }
  }

  @Test(arguments: [
    (SidecarError.Code.notStored, 503, 14), (.stopping, 503, 14), (.overloaded, 429, 8), (.gone, 404, 5),
    (.refused, 400, 9), (.withdrawn, 408, 1),
  ])
  func aChangeThatIsNotStoredIsAnsweredWithWhy(code: SidecarError.Code, status: Int, number: Int64) async throws {
    try await RunningSDK.run { sdk in
      sdk.server.fail(with: SidecarError(code, "because"))
      let answer = try await sdk.send(.put, "/condition", text: #"{"key":"A","value":"True"}"#)
      #expect(answer.head.status.code == status)
      #expect(answer.body == ["error": "because", "code": .integer(number), "message": "because"])
    }
  }

  @Test func aChangeThatTakesTooLongIsGivenUp() async throws {
    var limits = SDKLimits()
    limits.storeTime = .milliseconds(50)
    try await RunningSDK.run(limits: limits) { sdk in
      sdk.server.hold(true)
      let answer = try await sdk.send(.put, "/metadata/label", text: #"{"key":"a","value":"b"}"#)
      #expect(answer.head.status == .gatewayTimeout)
      #expect(answer.body["code"] == 4)
      #expect(sdk.server.withdrawn == 1)
    }
  }

  @Test(arguments: [
    "", "null", "[]", "true", "{", #"{"key":1,"value":"v"}"#, #"{"key":"a","value":["v"]}"#,
    #"{"key":"a","value":"v"} x"#,
    #"{"value":"v"}"#, #"{"key":"a","value":"no spaces"}"#, #"{"key":"a/b","value":"v"}"#,
    #"{"key":"a","x":"# + String(repeating: "[", count: 30_000),
    #"{"key":"a","x":"# + String(repeating: #"{"x":"#, count: 10_000),
    #"{"key":"a","x":"# + String(repeating: "[", count: 30_000) + String(repeating: "]", count: 30_000) + "}",
  ])
  func whatIsNoPairIsRefused(body: String) async throws {
    try await RunningSDK.run { sdk in
      let answer = try await sdk.send(.put, "/metadata/label", text: body)
      #expect(answer.head.status == .badRequest)
      #expect(answer.body["code"] == 3)
      #expect(answer.body["message"] != "")
      #expect(sdk.server.stored.isEmpty)
    }
  }

  @Test func bytesThatAreNoTextAreRefused() async throws {
    try await RunningSDK.run { sdk in
      let body = Array(#"{"key":"a","value":""#.utf8) + [0xFF, 0xC0] + Array(#""}"#.utf8)
      let answer = try await sdk.send(.put, "/metadata/annotation", body)
      #expect(answer.head.status == .badRequest)
      #expect(sdk.server.stored.isEmpty)
    }
  }

  @Test func whatTheControllerWritesIsNotTheGames() async throws {
    try await RunningSDK.run { sdk in
      let answer = try await sdk.send(.put, "/condition", text: #"{"key":"Ready","value":"True"}"#)
      #expect(answer.head.status == .forbidden)
      #expect(answer.body["code"] == 7)
    }
  }

  @Test func otherMethodsAndPathsAreTold() async throws {
    try await RunningSDK.run { sdk in
      for (path, allowed) in [
        ("/gameserver", "GET, HEAD"), ("/watch/gameserver", "GET"), ("/metadata/label", "PUT"),
        ("/metadata/annotation", "PUT"), ("/condition", "PUT"),
      ] {
        let answer = try await sdk.send(.post, path, text: "{}")
        #expect(answer.head.status == .methodNotAllowed)
        #expect(answer.head.headerFields[.allow] == allowed)
        #expect(answer.body["code"] == 12)
      }
      for path in ["/", "/gameserver/", "/metadata", "/watch"] {
        #expect(try await sdk.send(.get, path).head.status == .notFound)
      }
    }
  }

  @Test func aBodyWithoutAnEndIsRefused() async throws {
    try await RunningSDK.run { sdk in
      let large = try await sdk.send(.put, "/condition", [UInt8](repeating: 0x20, count: 65 << 10))
      #expect(large.head.status == .contentTooLarge)
      let socket = try await SocketClient(port: sdk.httpPort)
      try await socket.send(
        "PUT /condition HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
      // What comes after the refusal may meet a closed connection.
      for _ in 0..<40 { try? await socket.send("1000\r\n" + String(repeating: " ", count: 4_096) + "\r\n") }
      #expect(try await socket.receive(until: "\r\n").hasPrefix("HTTP/1.1 413 "))
    }
  }

  @Test(arguments: ["Content-Length: 40", "Transfer-Encoding: chunked"])
  func aBodyThatComesTooSlowlyIsCutOff(field: String) async throws {
    var limits = SDKLimits()
    limits.requestTime = .milliseconds(100)
    try await RunningSDK.run(limits: limits) { sdk in
      let socket = try await SocketClient(port: sdk.httpPort)
      try await socket.send("PUT /condition HTTP/1.1\r\nHost: a\r\n\(field)\r\n\r\n")
      #expect(try await socket.receiveAll() == "")
      // A request without a body is not held up by it.
      #expect(try await sdk.send(.get, "/gameserver").head.status == .ok)
    }
  }
}
