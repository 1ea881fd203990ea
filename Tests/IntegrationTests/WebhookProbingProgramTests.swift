import ClusterTestSupport
import CurlTransport
import HTTPTypes
import KubernetesClient
import KubernetesModel
import TestSupport
import Testing
import UmpireModel

/// The reference webhook decides, and real sidecars and the controller ask it.
@Suite(.serialized) struct WebhookProbingProgramTests {
  /// The service as a Pod, two configurations of it, and a GameType for each: one asked by the sidecars, the other by
  /// the controller.
  private static let manifest =
    """
    apiVersion: v1
    kind: Pod
    metadata: {name: decider, labels: {app: decider}}
    spec:
      containers:
      - {name: webhook, image: umpire-webhook, ports: [{containerPort: 8000}]}
    ---
    apiVersion: v1
    kind: Service
    metadata: {name: decider}
    spec:
      selector: {app: decider}
      ports: [{port: 8000}]
    """ + Self.game("by-sidecar", caller: "Sidecar") + Self.game("by-controller", caller: "Controller")

  private static func game(_ name: String, caller: String) -> String {
    """

    ---
    apiVersion: umpire.dev/v1alpha1
    kind: WebhookConfiguration
    metadata: {name: \(name)}
    webhooks:
    - name: warm
      type: ReadinessWebhook
      clientConfig: {service: {name: decider, path: /ready}}
      periodSeconds: 1
      caller: \(caller)
    - name: told
      type: ConstraintWebhook
      clientConfig: {service: {name: decider, path: /constraint}}
      periodSeconds: 1
      caller: \(caller)
    - name: empty
      type: DeletableWebhook
      clientConfig: {service: {name: decider, path: /deletable}}
      periodSeconds: 1
      caller: \(caller)
    ---
    apiVersion: umpire.dev/v1alpha1
    kind: GameType
    metadata: {name: \(name)}
    spec:
      fleetSpec:
        scaling: {replicas: 1, scaleDown: Drain}
        spec:
          webhookConfigurationName: \(name)
          readinessGates: [warm]
          deletableGates: [empty]
          pod:
            terminationGracePeriodSeconds: 5
            containers:
            - {name: server, image: sample-game-server}
    """
  }

  private func servers(_ local: LocalUp, _ game: String) async throws -> [Server] {
    try await local.servers().filter { $0.metadata.label(Labels.gameType) == game }
  }

  private func eachServer(
    _ local: LocalUp, _ what: String, _ condition: (Server) -> Bool
  ) async throws {
    for game in ["by-sidecar", "by-controller"] {
      try await eventually("\(game): \(what)") {
        let servers = try await self.servers(local, game)
        return servers.count == 1 && servers.allSatisfy(condition)
      }
    }
  }

  @Test func serversAreReadyAndGoByTheWebhooksWord() async throws {
    try await withFolder { folder in
      let file = try SampleManifests.write(Self.manifest, to: "\(folder)/games.yaml")
      try await LocalUp.run(dataDirectory: "\(folder)/data", ["-f", file], in: folder) { local in
        let transport = CurlHTTPTransport()
        defer { transport.shutdown() }
        let address = try await eventually("the webhook service is ready") {
          let pod = try await local.client.get(Pod.self, ObjectKey(namespace: "default", name: "decider"))
          return pod.isReady ? pod.status?.podIP : nil
        }
        let decider = HTTPCalls(transport: transport, authority: "\(address):8000")
        func decide(_ answers: String) async throws {
          #expect(try await decider.send(.put, "/state", #"{"answers":\#(answers)}"#).status == 200)
        }
        try await self.eachServer(local, "is ready") { $0.status?.state == .ready }
        try await decide(#"{"ready":false}"#)
        try await self.eachServer(local, "is no longer ready") {
          $0.status?.state == .running && $0.status?.conditions[type: "warm"]?.reason == "Denied"
        }
        // An edit takes effect at once: from now on the other path answers, and says yes.
        for game in ["by-sidecar", "by-controller"] {
          let key = ObjectKey(namespace: "default", name: game)
          var configuration = try await local.client.get(WebhookConfiguration.self, key)
          configuration.webhooks[0].clientConfig.service?.path = "/nowhere"
          _ = try await local.client.replace(configuration)
        }
        try await self.eachServer(local, "says what is wrong") {
          $0.status?.conditions[type: "warm"]?.reason == "HTTPStatus"
        }
        // Taken out of service: told first, then asked, and kept while the answer is no.
        try await decide(#"{"deletable":false}"#)
        for game in ["by-sidecar", "by-controller"] {
          try await local.client.scale(GameType.self, ObjectKey(namespace: "default", name: game), replicas: 0)
        }
        try await self.eachServer(local, "is kept") { $0.status?.conditions[type: "empty"]?.reason == "Denied" }
        let pushed = try await decider.json(.get, "/state")["constraints"]?.arrayValue ?? []
        #expect(Set(pushed.compactMap { $0["name"]?.stringValue }).count == 2)
        try await decide(#"{"deletable":true}"#)
        try await eventually("both go") { try await local.servers().isEmpty }
      }
    }
  }
}
