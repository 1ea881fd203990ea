import ClusterTestSupport
import CurlTransport
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
}
