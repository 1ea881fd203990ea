import ClusterTestSupport
import Cryptography
import CurlTransport
import FoundationEssentials
import HTTPTransport
import HTTPTypes
import KubernetesModel
import Logging
import TestSupport
import Testing
import UmpireModel
import WebhookClient

@Suite struct WebhookProgramTests {
  private func ask(
    _ exchange: WebhookExchange, _ url: String, type: WebhookType
  ) async throws -> Result<WebhookAnswer, WebhookFailure> {
    var request = ReviewRequest(uid: "uid-\(type.rawValue)", name: "arena", namespace: "default", type: type)
    if type == .scaling {
      request.scaling = ScalingRequest(
        gameName: "arena", currentReplicas: 2, readyReplicas: 2, minReplicas: 0, maxReplicas: 100)
    }
    let subject = WebhookQuestion.Subject(configuration: "test", webhook: "test", type: type)
    do throws(WebhookFailure) {
      let endpoint = try WebhookEndpoint(WebhookClientConfig(url: url), namespace: "default", timeoutSeconds: 5)
      return .success(try await exchange.ask(WebhookQuestion(request, subject: subject), at: endpoint))
    } catch {
      return .failure(error)
    }
  }

  @Test func theReferenceServerAnswersOurClient() async throws {
    try await withFolder { folder in
      let transport = CurlHTTPTransport()
      defer { transport.shutdown() }
      let address = Loopback.address()
      let calls = HTTPCalls(transport: transport, authority: "\(address):8000")
      let exchange = WebhookExchange(
        transport: transport, logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
      let base = "http://\(address):8000"
      try await Program.run("umpire-webhook", ["--host", address], in: folder) { _ in
        try await eventually("it answers") { try await calls.send(.get, "/healthz").status == 200 }
        let state = try await calls.send(.put, "/state", #"{"players":25,"playersPerServer":10,"spare":1}"#)
        #expect(state.status == 200)
        #expect(try await calls.json(.get, "/state")["players"] == 25)
        let scaling = try await self.ask(exchange, "\(base)/scale", type: .scaling).get()
        #expect(scaling.response.scaling == ScalingResponse(scale: true, desiredReplicas: 4))
        #expect(scaling.latency > .zero)
        for (path, type) in [("ready", WebhookType.readiness), ("deletable", .deletable), ("constraint", .constraint)] {
          #expect(try await self.ask(exchange, "\(base)/\(path)", type: type).get().response.allowed, "\(path)")
        }
        #expect(try await calls.send(.post, "/scale", "rubbish").status == 400)
        let missing = try await self.ask(exchange, "\(base)/nothing", type: .deletable)
        #expect(throws: WebhookFailure.self) { try missing.get() }
      }
      // It is down now, and the failure says so.
      guard case .failure(let failure) = try await self.ask(exchange, "\(base)/scale", type: .scaling) else {
        Issue.record("nobody is there to answer")
        return
      }
      #expect(failure.reason == .connect)
    }
  }

  @Test func theReferenceServerBelievesOnlyWhatIsSigned() async throws {
    try await withFolder { folder in
      let transport = CurlHTTPTransport()
      defer { transport.shutdown() }
      let address = Loopback.address()
      let identity = try TestIdentity(host: address)
      let secrets = [Character("A"), "B"].map { "whsec_" + String(repeating: $0, count: 32) }
      var arguments = ["--host", address, "--signing-secret-file", "\(folder)/secret"]
      _ = try SampleManifests.write(secrets[0] + "\n", to: "\(folder)/secret")
      for (option, bytes) in [
        ("--tls-certificate", identity.chain), ("--tls-key", identity.key), ("--client-ca", identity.authority),
      ] {
        arguments += [option, try SampleManifests.write(String(decoding: bytes, as: UTF8.self), to: folder + option)]
      }
      var security = TransportSecurity(
        certificateAuthority: identity.authority, clientCertificate: identity.chain, clientKey: identity.key)
      let send = { (secret: String) async throws -> Int in
        var request = TransportRequest(
          head: HTTPRequest(method: .post, scheme: "https", authority: "\(address):8000", path: "/ready"),
          body: Array(#"{"request":{"uid":"u","name":"n","namespace":"s"},"response":null}"#.utf8))
        request.security = security
        let signature = try WebhookSignature(
          signing: request.body, id: UUID().uuidString, timestamp: Timestamp.now.secondsSinceEpoch,
          secrets: [WebhookSecret(secret)])
        for (name, value) in signature.fields {
          request.head.headerFields[try #require(HTTPField.Name(name))] = value
        }
        return try await transport.collect(request).head.status.code
      }
      try await Program.run("umpire-webhook", arguments, in: folder) { program in
        try await eventually("it answers") { try await send(secrets[0]) == 200 }
        #expect(try await send(secrets[1]) == 401)
        _ = try SampleManifests.write(secrets[1], to: "\(folder)/secret")
        try await eventually("the new secret counts") { try await send(secrets[1]) == 200 }
        #expect(try await send(secrets[0]) == 401)
        security.clientCertificate = nil
        security.clientKey = nil
        await #expect(throws: TransportError.self) { try await send(secrets[1]) }
        for secret in secrets { #expect(!program.output.contains(secret)) }
      }
    }
  }

  @Test(
    arguments: [
      (["--tls-key", "x"], 64, "go together"), (["--client-ca", "x"], 64, "goes with"),
      (["--signing-secret-file", "/nowhere/secret"], 66, "/nowhere/secret: there is no such file"),
      (["--signing-secret-file", "/proc/self/status"], 65, "signing secret"),
      (["--tls-certificate", "/proc/self/status", "--tls-key", "/proc/self/status"], 65, "cannot be used"),
    ] as [([String], Int32, String)])
  func theReferenceServerSaysWhyItDoesNotStart(arguments: [String], code: Int32, message: String) async throws {
    try await withFolder { folder in
      let (status, output) = try await Program.finish("umpire-webhook", ["--port", "0"] + arguments, in: folder)
      #expect(status == .exited(code))
      #expect(output.contains(message), "\(output)")
    }
  }
}
