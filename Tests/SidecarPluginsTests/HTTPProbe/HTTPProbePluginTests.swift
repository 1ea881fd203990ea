import HTTPTransport
import HTTPTypes
import KubernetesModel
import Observability
import Synchronization
import TestSupport
import Testing

@testable import SidecarPlugins

@Suite(.timeLimit(.minutes(1)))
struct HTTPProbePluginTests {
  private func withPlugin(
    _ yaml: String, _ transport: ScriptedTransport, _ time: ManualTime, registry: MetricsRegistry = MetricsRegistry(),
    _ body: (HTTPProbePlugin) async throws -> Void
  ) async throws {
    let (configuration, errors, _) = try reading(HTTPProbePlugin.self, yaml)
    #expect(errors.isEmpty)
    var surroundings = PluginSurroundings.test(transport, time: time.time)
    surroundings.metricsFactory = registry
    let plugin = HTTPProbePlugin(configuration, surroundings)
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await plugin.run(ready: {}) }
      try await body(plugin)
      group.cancelAll()
    }
  }

  private func endpoint(_ plugin: HTTPProbePlugin, _ index: Int = 0) -> JSONValue {
    plugin.status.details["endpoints"]?[index] ?? .null
  }

  @Test func defaultsAreThePeersAndOutOfRangeIsRefused() throws {
    for yaml in ["endpoints: []", "startDelaySeconds: 0\nprobeIntervalSeconds: -1\nendpoints: []"] {
      let (configuration, errors, _) = try reading(HTTPProbePlugin.self, yaml)
      #expect(errors.isEmpty)
      #expect(configuration.startDelay == .seconds(30))
      #expect(configuration.interval == .seconds(5))
    }
    let (configuration, errors, warnings) = try reading(
      HTTPProbePlugin.self,
      """
      StartDelaySeconds: 1
      endpoints: [{URL: 'http://localhost:8080/x?y', jsonPathConfig: {jsonpath: a.b, fieldType: x, value: x}}]
      """)
    #expect(errors.isEmpty)
    #expect(warnings.count == 2)
    #expect(configuration.startDelay == .seconds(1))
    let endpoint = try #require(configuration.endpoints.first)
    #expect(endpoint.method == .get)
    #expect(endpoint.timeout == .seconds(10))
    #expect(endpoint.expectedStatusCode == 200)
    let (_, faults, _) = try reading(
      HTTPProbePlugin.self,
      """
      endpoints:
      - {url: 'ftp://a', method: FETCH, timeout: 301, expectedStatusCode: 99, headers: {'a b': hidden}}
      - {url: 'http://u:hidden@a', jsonPathConfig: {jsonPath: 'a.*'}}
      - {}
      """)
    #expect(faults.count == 8)
    #expect(!faults.contains { $0.contains("hidden") })
  }

  @Test func asksAfterTheDelayAndThenFromStartToStart() async throws {
    let time = ManualTime()
    let transport = ScriptedTransport { _, count in .body("{\"players\": \(count)}") }
    let registry = MetricsRegistry()
    let yaml = """
      startDelaySeconds: 7
      probeIntervalSeconds: 3
      endpoints:
      - url: http://localhost:8080/state?secret=1
        method: post
        headers: {X-Key: k}
        timeout: 4
        jsonPathConfig: {jsonPath: players}
        storageConfig: {type: HTTPMetric, httpMetric: {metricName: players}}
      """
    try await self.withPlugin(yaml, transport, time, registry: registry) { plugin in
      try await eventually("the delay begins") { time.slept == [.seconds(7)] }
      #expect(transport.requests.isEmpty)
      time.advance(by: .seconds(7))
      try await eventually("one probe") { time.slept == [.seconds(7), .seconds(3)] }
      time.advance(by: .seconds(3))
      try await eventually("two probes") { time.slept.count == 3 }
      #expect(transport.requests.count == 2)
      let request = transport.requests[0]
      #expect(request.head.method == .post)
      #expect(request.head.path == "/state?secret=1")
      #expect(request.head.authority == "localhost:8080")
      #expect(request.head.headerFields[try #require(HTTPField.Name("X-Key"))] == "k")
      #expect(request.limits.total == .seconds(4))
      #expect(request.limits.responseBytes == 1 << 20)
      #expect(registry.text().contains("\nplayers 2"))
      #expect(self.endpoint(plugin)["result"] == "2")
      #expect(self.endpoint(plugin)["url"] == "http://localhost:8080/state?…")
      #expect(!plugin.status.isFailing)
    }
  }

  @Test func aSlowEndpointDelaysNobodyElse() async throws {
    let time = ManualTime()
    let transport = ScriptedTransport { request, _ in
      if request.head.path == "/slow" { try await Task.sleep(for: .seconds(600)) }
      return .body("fine")
    }
    let yaml =
      "{startDelaySeconds: 1, probeIntervalSeconds: 1, endpoints: [{url: 'http://a/slow'}, {url: 'http://a/fast'}]}"
    try await self.withPlugin(yaml, transport, time) { plugin in
      try await time.advance(until: "the fast one goes on") { self.endpoint(plugin, 1)["probes"] == 5 }
      #expect(self.endpoint(plugin, 0)["probes"] == 0)
      #expect(self.endpoint(plugin, 1)["result"] == "fine")
    }
  }

  @Test(arguments: [
    (ScriptedTransport.Answer.body("{}", status: .notFound), "the answer's status is 404, not 200"),
    (.body("{}"), "nothing stands at the jsonPath"), (.body("<html>"), "the answer is not JSON"),
    (.body(#"{"a": null}"#), "nothing stands at the jsonPath"),
    (.failure(TransportError(.connect, "refused")), "the request failed: refused"),
    (.body(String(repeating: " ", count: (1 << 20) + 1)), "larger than 1048576 bytes"),
  ])
  func aFailureIsSaidAndTheLastResultStands(answer: ScriptedTransport.Answer, text: String) async throws {
    let time = ManualTime()
    let transport = ScriptedTransport { _, count in count == 1 ? .body(#"{"a": true}"#) : answer }
    let yaml = "{startDelaySeconds: 1, endpoints: [{url: 'http://a/x', jsonPathConfig: {jsonPath: a}}]}"
    try await self.withPlugin(yaml, transport, time) { plugin in
      try await time.advance(until: "it fails") { plugin.status.isFailing }
      #expect(plugin.status.message.contains(text))
      #expect(self.endpoint(plugin)["result"] == "true")
    }
  }

  @Test func startsThatASlowAnswerCoversAreLeftOut() {
    let start = ContinuousClock.now
    let next = { (now: Int) in
      EndpointProbe.next(after: start + .seconds(now), due: start, interval: .seconds(5)) - start
    }
    #expect([0, 4, 5, 9, 12].map(next) == [5, 5, 10, 10, 15].map { .seconds($0) })
  }

  @Test func withoutAPathTheBodyIsTheResult() async throws {
    let time = ManualTime()
    let transport = ScriptedTransport { _, _ in .body("WaitToBeDeleted\n") }
    try await self.withPlugin("{startDelaySeconds: 1, endpoints: [{url: 'http://a'}]}", transport, time) { plugin in
      try await time.advance(until: "probed") { self.endpoint(plugin)["result"] == "WaitToBeDeleted" }
    }
  }
}
