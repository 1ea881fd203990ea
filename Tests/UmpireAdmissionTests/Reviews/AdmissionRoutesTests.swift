import HTTPTypes
import Hummingbird
import HummingbirdTesting
import KubernetesModel
import Logging
import ServerSupport
import Testing
import UmpireModel

@testable import UmpireAdmission

@Suite struct AdmissionRoutesTests {
  /// A clock on which every time has come already, or none ever comes.
  private struct FixedClock: Clock {
    var isOver: Bool
    var now: ContinuousClock.Instant { .now }
    var minimumResolution: Duration { .zero }

    func sleep(until deadline: ContinuousClock.Instant, tolerance: Duration?) async throws {
      if !self.isOver { try await untilCancelled() }
    }
  }

  /// Lookups that never end by themselves.
  private struct Stuck: AdmissionLookups {
    func webhookConfiguration(_ key: ObjectKey) async throws -> WebhookConfiguration? {
      try await untilCancelled()
      return nil
    }

    func autoscalers(in namespace: String) async throws -> [GameAutoscaler] {
      try await untilCancelled()
      return []
    }

    func pod(_ key: ObjectKey) async throws -> Pod? {
      try await untilCancelled()
      return nil
    }
  }

  private func withRoutes(
    _ lookups: any AdmissionLookups = KnownObjects(), isOver: Bool = false,
    _ body: @escaping @Sendable (any TestClientProtocol) async throws -> Void
  ) async throws {
    let router = HTTPService.router(methods: AdmissionRoutes.methods)
    AdmissionRoutes(AdmissionHandler(lookups: lookups), clock: FixedClock(isOver: isOver), logger: .silent).add(
      to: router)
    let service = HTTPService(router, host: "127.0.0.1", port: 0, logger: Logger(label: "test"))
    try await service.application.test(.router, body)
  }

  @Test func aReviewIsAnsweredWithItsUID() async throws {
    try await self.withRoutes { client in
      for (path, server, allowed) in [
        ("/validate?timeout=10s", AdmissionSamples.server, true), ("/default", AdmissionSamples.server, true),
        ("/validate", AdmissionSamples.server.applying(mergePatch: ["spec": ["timeout": "9000h"]]), false),
      ] {
        let body = ByteBuffer(bytes: AdmissionSamples.review(server).serialized())
        let response = try await client.execute(uri: path, method: .post, body: body)
        #expect(response.status == .ok && response.headers[.contentType] == "application/json")
        let review = try JSONValue(parsing: Array(response.body.readableBytesView))
        #expect(review["apiVersion"] == "admission.k8s.io/v1" && review["kind"] == "AdmissionReview")
        #expect(review["request"] == nil)
        #expect(review["response"]?["uid"] == "705ab4f5-6393-11e8-b7cc-42010a800002")
        #expect(review["response"]?["allowed"] == .bool(allowed), "\(path)")
        #expect((review["response"]?["patchType"] == "JSONPatch") == (path == "/default"))
        #expect((review["response"]?["status"]?["code"] == 422) == !allowed)
      }
    }
  }

  @Test(arguments: [
    ("", "the body is not JSON"), ("[", "the body is not JSON"), ("[]", "Invalid value"), ("{}", "apiVersion"),
    (#"{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1"}"#, "request: Required value"),
    (#"{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1beta1"}"#, "admission.k8s.io/v1 is expected"),
    (#"{"kind":"Review","apiVersion":"admission.k8s.io/v1"}"#, "an AdmissionReview"),
    (#"{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","request":{"uid":7}}"#, "request.uid"),
  ])
  func garbageIsRefused(body: String, detail: String) async throws {
    try await self.withRoutes { client in
      for path in ["/validate", "/default", "/writer"] {
        let response = try await client.execute(uri: path, method: .post, body: ByteBuffer(string: body))
        #expect(response.status == .badRequest)
        #expect(String(buffer: response.body).contains(detail), "\(String(buffer: response.body))")
      }
    }
  }

  @Test func anEmptyUIDAndAnUnknownOperationAreRefused() async throws {
    try await self.withRoutes { client in
      for changes in [["uid": ""], ["operation": "PATCH"], ["kind": nil]] as [JSONValue] {
        var review = AdmissionSamples.review(AdmissionSamples.server)
        review["request"] = review["request"]?.applying(mergePatch: changes)
        let body = ByteBuffer(bytes: review.serialized())
        let response = try await client.execute(uri: "/validate", method: .post, body: body)
        #expect(response.status == .badRequest)
      }
    }
  }

  @Test func methodsAndSizesAreBounded() async throws {
    try await self.withRoutes { client in
      for path in ["/validate", "/default", "/writer"] {
        for method in [HTTPRequest.Method.get, .put, .delete] {
          let response = try await client.execute(uri: path, method: method)
          #expect(response.status == .methodNotAllowed && response.headers[.allow] == "POST")
        }
        let large = ByteBuffer(repeating: UInt8(ascii: " "), count: AdmissionRoutes.bodyBytes + 1)
        let response = try await client.execute(uri: path, method: .post, body: large)
        #expect(response.status == .contentTooLarge)
      }
      let response = try await client.execute(uri: "/mutate", method: .post)
      #expect(response.status == .notFound)
    }
  }

  @Test func whatCannotBeLookedUpIsLeftToTheFailurePolicy() async throws {
    let user = AdmissionSamples.user(pod: "other-pod", uid: "1")
    let review = AdmissionSamples.review(
      AdmissionSamples.server, replacing: AdmissionSamples.server, ["userInfo": user])
    try await self.withRoutes(KnownObjects(isDown: true)) { client in
      let body = ByteBuffer(bytes: review.serialized())
      let response = try await client.execute(uri: "/writer?timeout=2s", method: .post, body: body)
      #expect(response.status == .serviceUnavailable)
      #expect(String(buffer: response.body).contains("could not be looked up"))
    }
    try await self.withRoutes(Stuck(), isOver: true) { client in
      let body = ByteBuffer(bytes: review.serialized())
      let response = try await client.execute(uri: "/writer?timeout=2s", method: .post, body: body)
      #expect(response.status == .gatewayTimeout)
    }
  }

  @Test func aReviewThatTakesTooLongIsGivenUp() async throws {
    try await self.withRoutes(Stuck(), isOver: true) { client in
      let body = ByteBuffer(bytes: AdmissionSamples.review(AdmissionSamples.autoscaler).serialized())
      let response = try await client.execute(uri: "/validate?timeout=2s", method: .post, body: body)
      #expect(response.status == .gatewayTimeout)
      #expect(String(buffer: response.body).contains("longer than 2s"))
    }
  }

  @Test func theCallersDeadlineCounts() {
    #expect(AdmissionRoutes.deadline(of: nil) == .seconds(10))
    #expect(AdmissionRoutes.deadline(of: "1500ms") == .milliseconds(1500))
    #expect(AdmissionRoutes.deadline(of: "1h") == .seconds(30))
    for text in ["", "soon", "-1s", "0s"] { #expect(AdmissionRoutes.deadline(of: text) == .seconds(10)) }
  }
}

/// Waits until the task is cancelled.
private func untilCancelled() async throws {
  let (stream, continuation) = AsyncStream.makeStream(of: Never.self)
  for await _ in stream {}
  withExtendedLifetime(continuation) {}
  throw CancellationError()
}
