import KubernetesModel
import TestSupport
import Testing
import UmpireModel

@Suite struct ServerRulesTests {
  private func lines(_ spec: JSONValue) throws -> [String] { try RuleSubject.lines("Server", ["spec": spec]) }

  @Test(arguments: ["Server", "Fleet", "GameType", "GameAutoscaler", "WebhookConfiguration"])
  func theSmallestObjectsAreSound(kind: String) throws {
    #expect(try RuleSubject.lines(kind, [:]).isEmpty)
  }

  // MARK: Containers

  @Test(
    arguments: [
      (nil, "error spec.pod.containers: Required value"), ([], "error spec.pod.containers: Required value"),
      ([["image": "i"]], "error spec.pod.containers[0].name: Required value"),
      ([["name": "a"]], "error spec.pod.containers[0].image: Required value"),
      ([["name": "a", "image": ""]], "error spec.pod.containers[0].image: Required value"),
      (["text"], "error spec.pod.containers[0]: Invalid value: \"text\": must be an object"),
      (
        [["name": "a", "image": "i"], ["name": "b", "image": 7]],
        "error spec.pod.containers[1].image: Invalid value: 7: must be a string"
      ),
      (
        [["name": "a", "image": "i"], ["name": "a", "image": "i"]],
        "error spec.pod.containers[1]: Duplicate value: {\"name\":\"a\"}"
      ),
      (
        [["name": "a", "image": .string(String(repeating: "i", count: 1025))]],
        "error spec.pod.containers[0].image: Too long: may not be more than 1024 bytes"
      ),
    ] as [(JSONValue?, String)])
  func containers(value: JSONValue?, line: String) throws {
    #expect(try self.lines(["pod": ["containers": value ?? .null]]) == [line])
  }

  @Test func containersHaveNamesThatCanBeLabels() throws {
    let line = try #require(try self.lines(["pod": ["containers": [["name": "A_b", "image": "i"]]]]).first)
    #expect(line.hasPrefix("error spec.pod.containers[0].name: Invalid value: \"A_b\": a lowercase RFC 1123 label"))
    let many = JSONValue.array((0...64).map { ["name": .string("c\($0)"), "image": "i"] })
    #expect(
      try self.lines(["pod": ["containers": many]])
        == ["error spec.pod.containers: Too many: 65: must have at most 64 items"])
  }

  @Test func theSidecarsPortIsItsOwn() throws {
    let game: JSONValue = ["name": "a", "image": "i", "ports": [["containerPort": 7777], ["containerPort": 8080]]]
    #expect(
      try self.lines(["pod": ["containers": [game]]]) == [
        "warning spec.pod.containers[0].ports[1].containerPort: Invalid value: 8080: the sidecar listens on this port; "
          + "give it another with sidecar.port"
      ])
    #expect(try self.lines(["pod": ["containers": [game]], "sidecar": ["port": 8081]]).isEmpty)
    #expect(try self.lines(["pod": ["containers": [game]], "sidecar": ["enabled": false]]).isEmpty)
    let datagrams: JSONValue = ["name": "a", "image": "i", "ports": [["containerPort": 8080, "protocol": "UDP"]]]
    #expect(try self.lines(["pod": ["containers": [datagrams]]]).isEmpty)
  }

  // MARK: Fields

  @Test(
    arguments: [
      (["timeout": "-1s"], "error spec.timeout: Invalid value: \"-1s\": must not be negative"),
      (["timeout": "9000h"], "error spec.timeout: Invalid value: \"9000h0m0s\": must be at most 8760h"),
      (["readinessGates": ["a", "b", "a"]], "error spec.readinessGates[2]: Duplicate value: \"a\""),
      (["deletableGates": [""]], "error spec.deletableGates[0]: Required value"),
      (
        ["constraints": [["type": "a"], ["type": "a"]]],
        "error spec.constraints[1]: Duplicate value: {\"type\":\"a\"}"
      ),
      (
        ["constraints": [["type": "a", "message": .string(String(repeating: "ä", count: 1025))]]],
        "error spec.constraints[0].message: Too long: may not be more than 1024 bytes"
      ),
      (["sidecar": ["port": 65_536]], "error spec.sidecar.port: Invalid value: 65536: must be from 1 to 65535"),
      (["sidecar": ["image": ""]], "error spec.sidecar.image: Required value"),
      (["sidecar": ["configMapName": ""]], "error spec.sidecar.configMapName: Required value"),
      (["webhookConfigurationName": ""], "error spec.webhookConfigurationName: Required value"),
      (
        ["readinessGates": ["Ready"]],
        "warning spec.readinessGates[0]: Invalid value: \"Ready\": this condition follows from the gates, and opens none "
          + "of them"
      ),
    ] as [(JSONValue, String)])
  func whatIsWrongIsNamed(spec: JSONValue, line: String) throws {
    #expect(try self.lines(spec) == [line])
    // The same spec within a Fleet and within a GameType has the same problem there.
    let fleet = try RuleSubject.lines("Fleet", ["spec": ["spec": spec]])
    #expect(fleet == [line.replacing("spec.", with: "spec.spec.", maxReplacements: 1)])
    let gameType = try RuleSubject.lines("GameType", ["spec": ["fleetSpec": ["spec": spec]]])
    #expect(gameType == [line.replacing("spec.", with: "spec.fleetSpec.spec.", maxReplacements: 1)])
  }

  @Test func listsAreBounded() throws {
    let gates = JSONValue.array((0...32).map { .string("g\($0)") })
    #expect(
      try self.lines(["readinessGates": gates])
        == ["error spec.readinessGates: Too many: 33: must have at most 32 items"])
    let line = try #require(try self.lines(["deletableGates": ["-a"]]).first)
    #expect(line.hasPrefix("error spec.deletableGates[0]: Invalid value: \"-a\": name part must consist of"))
  }

  // MARK: Gates

  private func doubts(_ spec: JSONValue, _ webhooks: [(String, WebhookType)]) throws -> [String] {
    let server = try RuleSubject.object("Server", ["spec": spec]).decoded(as: Server.self)
    let configuration = WebhookConfiguration(
      metadata: ObjectMeta(name: "arena", namespace: "games"),
      webhooks: webhooks.map { name, type in
        Webhook(name: name, type: type, clientConfig: WebhookClientConfig(url: "https://a"))
      })
    return server.problems(asking: configuration).map(\.line)
  }

  @Test func gatesAreComparedWithTheWebhooks() throws {
    let gates: JSONValue = ["readinessGates": ["WarmedUp"], "deletableGates": ["Saved", "DeleteAllowed"]]
    #expect(try self.doubts(gates, [("WarmedUp", .readiness), ("Saved", .deletable)]).isEmpty)
    #expect(
      try self.doubts(gates, [("Saved", .readiness)]) == [
        "warning spec.readinessGates[0]: Invalid value: \"WarmedUp\": WebhookConfiguration \"arena\" has no webhook of "
          + "this name",
        "warning spec.deletableGates[0]: Invalid value: \"Saved\": the webhook of this name in WebhookConfiguration "
          + "\"arena\" is a ReadinessWebhook, not a DeletableWebhook",
      ])
    #expect(try self.lines(gates).isEmpty)
  }

  // MARK: Names

  @Test func namesFitTheLabelsOfChildren() throws {
    func line(_ kind: String, _ name: String) throws -> [String] {
      try RuleSubject.lines(kind, ["metadata": ["name": .string(name)]])
    }
    for kind in ["Server", "Fleet", "GameType"] {
      #expect(try line(kind, String(repeating: "a", count: 63)).isEmpty)
      #expect(
        try line(kind, String(repeating: "a", count: 64))
          == ["error metadata.name: Too long: may not be more than 63 bytes"])
    }
    // Nothing is named after these.
    #expect(try line("GameAutoscaler", String(repeating: "a", count: 64)).isEmpty)
  }

  @Test func annotationsThatDoNotCountAreTold() throws {
    let cost: JSONValue = ["metadata": ["annotations": ["umpire.dev/deletion-cost": "1.5"]]]
    #expect(
      try RuleSubject.lines("Server", cost) == [
        "warning metadata.annotations[umpire.dev/deletion-cost]: Invalid value: \"1.5\": must be an integer to count"
      ])
    let sound: JSONValue = [
      "metadata": ["annotations": ["umpire.dev/deletion-cost": "-2", "umpire.dev/webhook-config-name": "arena"]]
    ]
    #expect(try RuleSubject.lines("Server", sound).isEmpty)
  }

  // MARK: Changes

  @Test func aFinalizerCanAlwaysBeRemoved() throws {
    let broken: JSONValue = [
      "metadata": ["name": .string(String(repeating: "a", count: 70)), "finalizers": ["umpire.dev/deletion-gate"]],
      "spec": ["timeout": "9000h", "readinessGates": ["a", "a"], "pod": ["containers": []]],
    ]
    let old = RuleSubject.object("Server", broken)
    let new = old.applying(mergePatch: ["metadata": ["finalizers": []]])
    #expect(try RuleSubject.problems("Server", old).count == 4)
    #expect(try RuleSubject.problems("Server", new, replacing: old).isEmpty)
  }

  @Test func gatesAreComparedAnewWhenTheConfigurationIsAnother() throws {
    var old = try RuleSubject.object("Server", ["spec": ["readinessGates": ["a"]]]).decoded(as: Server.self)
    old.spec.webhookConfigurationName = "first"
    var new = old
    let empty = WebhookConfiguration(metadata: ObjectMeta(name: "second"), webhooks: [])
    #expect(new.problems(replacing: old, asking: empty).isEmpty)
    new.spec.webhookConfigurationName = "second"
    #expect(new.problems(replacing: old, asking: empty).map(\.severity) == [.warning])
  }
}
