import FoundationEssentials
import HTTPTransport
import HTTPTypes
import KubernetesModel
import Synchronization
import TestSupport
import Testing

@testable import APIServer

/// How webhooks are reached, and what it means if they are not.
struct AdmissionCallTests {
  private static let maps = EmbeddedAPIServer.configMaps

  private func create(_ server: EmbeddedAPIServer, _ name: String = "m") async throws -> Answer {
    try await server.send(.post, Self.maps, ["metadata": ["name": .string(name)]])
  }

  /// A webhook that was started anew has closed the connections that are kept to it.
  @Test func aQuestionOnAClosedConnectionIsAskedOnceMore() async throws {
    for (breaks, isStored) in [(1, false), (2, true)] {
      let count = Mutex(0)
      let transport = ScriptedTransport { request, _ in
        let isBroken = count.withLock { count in
          count += 1
          return count <= breaks
        }
        if isBroken { return .failure(TransportError(.connectionBroken, "gone", progress: .noAnswer)) }
        let uid = try JSONValue(parsing: request.body)["request"]?["uid"] ?? ""
        let answer: JSONValue = [
          "apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "response": ["uid": uid, "allowed": false],
        ]
        return .body(String(decoding: answer.serialized(), as: UTF8.self))
      }
      let server = try await EmbeddedAPIServer.asking(transport)
      defer { server.close() }
      try await server.validate(by: StudioWebhooks.webhook("a", ["failurePolicy": "Ignore"]))
      #expect(try await self.create(server).status == (isStored ? 201 : 400))
      #expect(count.withLock { $0 } == 2)
    }
  }

  @Test(
    arguments: [
      (
        .failure(TransportError(.connect, "connection refused")),
        #"failed to call webhook: Post "https://studio.example/a?timeout=10s": connection refused"#
      ),
      (
        .failure(TransportError(.timeout, "the deadline passed")),
        #"failed to call webhook: Post "https://studio.example/a?timeout=10s": context deadline exceeded"#
      ),
      (
        .body("out of\norder", status: .internalServerError),
        #"failed to call webhook: an error on the server ("out of order") has prevented the request from succeeding"#
      ),
      (.body("", status: .notFound), "failed to call webhook: the server could not find the requested resource"),
      (
        .body("", status: .found),
        "failed to call webhook: the server rejected our request for an unknown reason (status 302)"
      ),
      (
        .chunks([[UInt8](repeating: 0x20, count: 2 << 20), [UInt8](repeating: 0x20, count: 2 << 20)]),
        #"failed to call webhook: Post "https://studio.example/a?timeout=10s": the body is larger than 3145728 bytes"#
      ),
      (
        .body(#"{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview"}"#),
        "received invalid webhook response: webhook response was absent"
      ),
    ] as [(ScriptedTransport.Answer, String)])
  func failuresAreToldOrPassedOver(answer: ScriptedTransport.Answer, reason: String) async throws {
    for isMutating in [false, true] {
      let server = try await EmbeddedAPIServer.asking(ScriptedTransport { _, _ in answer })
      defer { server.close() }
      let configurations =
        isMutating ? WebhookConfigurationTests.mutating : WebhookConfigurationTests.validating
      func configure(_ policy: JSONValue) async throws {
        let webhook = StudioWebhooks.webhook("a", ["failurePolicy": policy])
        try await isMutating ? server.mutate(by: webhook) : server.validate(by: webhook)
      }
      try await configure("Fail")
      let failed = try await self.create(server)
      let message = "failed calling webhook \"a.studio.example\": \(reason)"
      #expect(failed.status == 500)
      #expect(
        failed.json == [
          "kind": "Status", "apiVersion": "v1", "metadata": [:], "status": "Failure", "code": 500,
          "reason": "InternalError", "message": .string("Internal error occurred: \(message)"),
          "details": ["causes": [["message": .string(message)]]],
        ])
      try await server.send(.delete, "\(configurations)/studio")
      try await configure("Ignore")
      #expect(try await self.create(server).status == 201)
    }
  }

  @Test func aRefusalIsNoFailure() async throws {
    let server = try await EmbeddedAPIServer.asking(StudioWebhooks.transport { _, _ in ["allowed": false] })
    defer { server.close() }
    try await server.validate(by: StudioWebhooks.webhook("a", ["failurePolicy": "Ignore"]))
    #expect(try await self.create(server).status == 400)
  }

  @Test func ofSeveralRefusalsTheFirstInOrderIsTold() async throws {
    let last = Gate()
    let transport = StudioWebhooks.transport { path, _ in
      // The first answers only after the second has.
      if path == "/a" { await last.wait() } else { last.open() }
      return ["allowed": false, "status": ["message": .string("from \(path)")]]
    }
    let server = try await EmbeddedAPIServer.asking(transport)
    defer { server.close() }
    try await server.validate(by: StudioWebhooks.webhook("a"), StudioWebhooks.webhook("b"))
    #expect(try await self.create(server).text.contains("from /a"))
    #expect(transport.requests.count == 2)
  }

  @Test func withoutAWayOutWebhooksCannotBeAsked() async throws {
    let server = try await EmbeddedAPIServer.inMemory()
    defer { server.close() }
    try await server.validate(by: StudioWebhooks.webhook("a"))
    #expect(try await self.create(server).text.contains("this server has no way to webhooks"))
  }

  // MARK: Services

  private static func service(_ change: JSONValue = [:]) -> JSONValue {
    let reference: JSONValue = ["namespace": "default", "name": "checks", "path": "/ask"]
    return StudioWebhooks.webhook(
      "a",
      [
        "clientConfig": [
          "url": nil, "service": reference.applying(mergePatch: change),
          "caBundle": .string(Data("authority".utf8).base64EncodedString()),
        ],
        "timeoutSeconds": 3,
        "rules": [
          ["operations": ["*"], "apiGroups": [""], "apiVersions": ["v1"], "resources": ["configmaps"]]
        ],
      ])
  }

  private func serve(
    _ server: EmbeddedAPIServer, service spec: JSONValue = [:], pod status: JSONValue? = [:]
  ) async throws {
    let service: JSONValue = [
      "metadata": ["name": "checks"],
      "spec": JSONValue.object([
        "selector": ["app": "checks"], "ports": [["port": 443, "targetPort": "https"]],
      ]).applying(mergePatch: spec),
    ]
    try await server.send(.post, "/api/v1/namespaces/default/services", service)
    guard let status else { return }
    let pod: JSONValue = [
      "metadata": ["name": "checks-1", "labels": ["app": "checks"]],
      "spec": [
        "containers": [
          ["name": "main", "image": "checks:1", "ports": [["name": "https", "containerPort": 8443]]]
        ]
      ],
    ]
    try await server.send(.post, EmbeddedAPIServer.pods, pod)
    let ready: JSONValue = ["podIP": "127.1.2.3", "conditions": [["type": "Ready", "status": "True"]]]
    try await server.merge(
      "\(EmbeddedAPIServer.pods)/checks-1/status", ["status": ready.applying(mergePatch: status)])
  }

  @Test func aServiceIsAskedAtAReadyPodUnderItsOwnName() async throws {
    let transport = StudioWebhooks.transport { _, _ in [:] }
    let server = try await EmbeddedAPIServer.asking(transport)
    defer { server.close() }
    try await self.serve(server)
    try await server.validate(by: Self.service())
    #expect(try await self.create(server).status == 201)
    let request = try #require(transport.requests.first)
    #expect(request.head.scheme == "https")
    #expect(request.head.authority == "127.1.2.3:8443")
    #expect(request.head.path == "/ask?timeout=3s")
    #expect(request.security.serverName == "checks.default.svc")
    #expect(request.security.certificateAuthority == Array("authority".utf8))
    #expect(!request.security.skipsVerification)
    #expect(request.limits.total == .seconds(3))
  }

  @Test(
    arguments: [
      (["spec": ["ports": [["port": 80]]]], [:], #"no service port 443 found for service "checks""#),
      ([:], ["conditions": []], #"no endpoints available for service "checks""#),
      ([:], ["podIP": nil], #"no endpoints available for service "checks""#),
      ([:], ["podIP": "studio.example"], #"no endpoints available for service "checks""#),
      (["spec": ["selector": ["app": "other"]]], [:], #"no endpoints available for service "checks""#),
    ] as [(JSONValue, JSONValue, String)])
  func servicesThatCannotBeReached(change: JSONValue, status: JSONValue, reason: String) async throws {
    let transport = StudioWebhooks.transport { _, _ in [:] }
    let server = try await EmbeddedAPIServer.asking(transport)
    defer { server.close() }
    try await self.serve(server, service: change["spec"] ?? [:], pod: status)
    try await server.validate(by: Self.service())
    #expect(
      try await self.create(server).json["message"]?.stringValue
        == "Internal error occurred: failed calling webhook \"a.studio.example\": failed to call webhook: "
        + "Post \"https://checks.default.svc:443/ask?timeout=3s\": \(reason)")
    #expect(transport.requests.isEmpty)
  }

  @Test func aMissingServiceIsTold() async throws {
    let server = try await EmbeddedAPIServer.asking(StudioWebhooks.transport { _, _ in [:] })
    defer { server.close() }
    try await server.validate(by: Self.service())
    #expect(try await self.create(server).text.contains(#"service \"checks\" not found"#))
  }

  @Test func slicesAndNamesElsewhereTellAddressesToo() throws {
    let service = APIObject(["spec": ["ports": [["name": "https", "port": 443]]]])
    let endpoints = AdmissionEndpoints(service: service, name: "checks")
    let slice = APIObject([
      "ports": [["name": "metrics", "port": 9000], ["name": "https", "port": 8443]],
      "endpoints": [
        ["addresses": ["10.0.0.1"], "conditions": ["ready": false]],
        ["addresses": ["fd00::2"], "conditions": ["ready": true]],
      ],
    ])
    let port = try endpoints.port(443)
    #expect(endpoints.address(inSlices: [slice], port)?.description == "[fd00::2]:8443")
    #expect(endpoints.address(inSlices: [], port) == nil)
    #expect(endpoints.selector == nil)
    let external = AdmissionEndpoints(
      service: APIObject(["spec": ["type": "ExternalName", "externalName": "checks.studio.example"]]), name: "checks")
    #expect(external.externalName == "checks.studio.example")
  }
}
