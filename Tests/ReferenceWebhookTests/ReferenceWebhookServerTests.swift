import FoundationEssentials
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import Observability
import ServerSupport
import Testing
import UmpireModel

@testable import ReferenceWebhook

struct ReferenceWebhookServerTests {
  private let silent = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })

  private func withClient(_ body: @escaping @Sendable (any TestClientProtocol) async throws -> Void) async throws {
    let server = ReferenceWebhookServer(logger: self.silent)
    let service = HTTPService(
      server.router(metrics: MetricsRegistry()), host: "127.0.0.1", port: 0,
      limits: ServerLimits(bodyBytes: ReferenceWebhookServer.reviewBytes), logger: self.silent)
    try await service.application.test(.router, body)
  }

  private static func review(type: String? = nil) -> String {
    let type = type.map { #","type":"\#($0)""# } ?? ""
    return #"{"request":{"uid":"u-1","name":"arena","namespace":"games"\#(type),"later":1},"response":null}"#
  }

  private static func ask(_ client: any TestClientProtocol, _ path: String, _ body: String) async throws
    -> WebhookReview
  {
    let response = try await client.execute(uri: path, method: .post, body: ByteBuffer(string: body))
    #expect(response.status == .ok)
    #expect(response.headers[.contentType] == "application/json")
    return try JSONDecoder().decode(WebhookReview.self, from: Data(response.body.readableBytesView))
  }

  private static func put(_ client: any TestClientProtocol, _ body: String) async throws -> TestResponse {
    try await client.execute(uri: "/state", method: .put, body: ByteBuffer(string: body))
  }

  @Test func scalesByThePlayersThatAreSet() async throws {
    try await self.withClient { client in
      let first = try await Self.ask(client, "/scale", Self.review(type: "ScalingWebhook"))
      #expect(first.request?.name == "arena")
      #expect(first.response?.uid == "u-1")
      #expect(first.response?.allowed == true)
      #expect(first.response?.scaling == ScalingResponse(scale: true, desiredReplicas: 2))
      #expect(try await Self.put(client, #"{"players": 25, "spare": 1}"#).status == .ok)
      let second = try await Self.ask(client, "/scale", Self.review())
      #expect(second.response?.scaling?.desiredReplicas == 4)
      #expect(second.response?.reason == "25 players, 10 a server, 1 spare, 0 to 100 servers")
    }
  }

  @Test(arguments: ["/scale", "/ready", "/deletable", "/constraint"])
  func toleratesWhatItDoesNotKnowAndWhatIsNull(path: String) async throws {
    let body =
      #"{"kind":"Review","request":{"uid":"u-1","name":"arena","namespace":"games","status":null,"constraints":null,"#
      + #""type":null,"labels":null,"annotations":null,"parameters":null,"scaling":null,"later":{"deep":[1,null]}}}"#
    try await self.withClient { client in
      let first = try await Self.ask(client, path, body)
      #expect(first.response?.uid == "u-1")
      #expect(first.response?.allowed == true)
      // Lost on the way and asked again.
      #expect(try await Self.ask(client, path, body) == first)
    }
  }

  @Test func answersByHand() async throws {
    try await self.withClient { client in
      for (path, field) in [("/ready", "ready"), ("/deletable", "deletable"), ("/constraint", "constraint")] {
        #expect(try await Self.ask(client, path, Self.review()).response?.allowed == true)
        _ = try await Self.put(client, #"{"answers":{"\#(field)":false}}"#)
        #expect(try await Self.ask(client, path, Self.review()).response?.allowed == false)
      }
      _ = try await Self.put(client, #"{"scale":{"scale":false,"desiredReplicas":9}}"#)
      #expect(
        try await Self.ask(client, "/scale", Self.review()).response?.scaling
          == ScalingResponse(scale: false, desiredReplicas: 9))
      _ = try await Self.put(client, #"{"scale":null}"#)
      #expect(try await Self.ask(client, "/scale", Self.review()).response?.scaling?.scale == true)
    }
  }

  @Test func showsItsState() async throws {
    try await self.withClient { client in
      let push =
        #"{"request":{"uid":"u-2","name":"arena-1","namespace":"games","constraints":[{"type":"NotInService","#
        + #""effective":true,"message":"m","timeAdded":"2022-05-18T00:00:00Z"}]},"response":null}"#
      _ = try await Self.ask(client, "/constraint", push)
      let response = try await client.execute(uri: "/state", method: .get)
      let expected =
        #"{"answers":{"constraint":true,"deletable":true,"ready":true},"constraints":[{"constraints":[{"effective":true,"#
        + #""message":"m","timeAdded":"2022-05-18T00:00:00Z","type":"NotInService"}],"name":"arena-1","#
        + #""namespace":"games","uid":"u-2"}],"desiredReplicas":2,"maximum":100,"minimum":0,"players":0,"#
        + #""playersPerServer":10,"spare":2}"#
      #expect(String(buffer: response.body) == expected)
      // What was read may be written back.
      #expect(try await Self.put(client, expected).status == .ok)
    }
  }

  @Test(arguments: [
    (#"{"player":1}"#, "'player' is not known"), (#"{"players":"1"}"#, "players has the wrong type"),
    (#"{"players":1,"playersPerServer":0}"#, "playersPerServer must be"), ("[]", "wrong type"), ("", "empty"),
    (#"{"minimum":200,"players":7}"#, "minimum must not be above maximum"),
    (#"{"scale":{"scale":true,"desiredReplicas":-1}}"#, "scale.desiredReplicas must be"),
    (#"{"answers":{"ready":1}}"#, "answers.ready has the wrong type"), ("{", "not JSON"),
  ])
  func refusesABadStateWhole(body: String, detail: String) async throws {
    try await self.withClient { client in
      let before = try await client.execute(uri: "/state", method: .get)
      let response = try await Self.put(client, body)
      #expect(response.status == .badRequest)
      #expect(response.headers[.contentType] == "application/problem+json")
      #expect(String(buffer: response.body).contains(detail))
      let after = try await client.execute(uri: "/state", method: .get)
      #expect(after.body == before.body)
    }
  }

  @Test(arguments: [
    ("null", "the document"), ("{}", "request is missing"), (#"{"request":null}"#, "request is missing"),
    (#"{"request":{"uid":1,"name":"a","namespace":"b"}}"#, "request.uid has the wrong type"),
    (#"{"request":{"uid":"","name":"a","namespace":"b"}}"#, "request.uid is empty"),
    (#"{"request":{"name":"a","namespace":"b"}}"#, "request.uid is missing"),
    (#"{"request":{"uid":"u","name":"a","namespace":"b","type":"ReadinessWebhook"}}"#, "this path answers"),
    (#"{"request":{"uid":"u","name":"a","namespace":"b","type":"Other"}}"#, "request.type"),
  ])
  func refusesABadReview(body: String, detail: String) async throws {
    try await self.withClient { client in
      let response = try await client.execute(uri: "/scale", method: .post, body: ByteBuffer(string: body))
      #expect(response.status == .badRequest)
      #expect(String(buffer: response.body).contains(detail), "\(String(buffer: response.body))")
    }
  }

  @Test func knowsItsMethodsAndLimits() async throws {
    try await self.withClient { client in
      let get = try await client.execute(uri: "/scale", method: .get)
      #expect(get.status == .methodNotAllowed)
      #expect(get.headers[.allow] == "POST")
      let large = String(repeating: " ", count: ReferenceWebhookServer.reviewBytes + 1)
      let response = try await client.execute(uri: "/scale", method: .post, body: ByteBuffer(string: large))
      #expect(response.status == .contentTooLarge)
      #expect(try await client.execute(uri: "/healthz", method: .get).status == .ok)
    }
  }
}
