import KubernetesModel
import Testing
import UmpireModel

@testable import SidecarPlugins

struct StorageConfigurationTests {
  /// The peer's own example, but for what is the project's own.
  private static let peer = """
    endpoints:
    - url: http://localhost:8080
      storageConfig:
        type: InKube
        inKube:
          target: {group: umpire.dev, version: v1alpha1, resource: servers, namespace: '${SELF:POD_NAMESPACE}',
            name: 'a-${POD:GAME}-z${OTHER:x}', podOwner: false}
          jsonPath: /spec/x
          annotationKey: probe.example.com/state
          labelKey: state
          markerPolices:
          - state: WaitToBeDeleted
            gameServerOpsState: WaitToBeDeleted
            labels: {going: 'yes'}
            annotations: {why: over}
            jsonPathConfigs: [{jsonPath: /spec/opsState, fieldType: string, value: WaitToBeDeleted}]
    """

  @Test func thePeersConfigurationIsReadWhole() throws {
    let (configuration, errors, warnings) = try reading(
      HTTPProbePlugin.self, Self.peer, environment: ["POD_NAMESPACE": "games"])
    #expect(errors.isEmpty)
    #expect(warnings.isEmpty)
    let cluster = try #require(configuration.endpoints.first?.storage?.cluster)
    #expect(cluster.annotationKey == "probe.example.com/state")
    #expect(cluster.labelKey == "state")
    #expect(cluster.targetPlace == JSONPointer("/spec/x"))
    let target = try #require(cluster.target)
    #expect(target.isServer)
    guard case .named(let type, let namespace, let name) = target.place else { return #expect(Bool(false)) }
    #expect(type.apiVersion == "umpire.dev/v1alpha1")
    #expect(namespace.parts == [.literal("games")])
    #expect(name.parts == [.literal("a-"), .podVariable("GAME"), .literal("-z"), .literal("${OTHER:x}")])
    var pod = Pod(metadata: ObjectMeta(), spec: PodSpec(containers: [Container(name: "game", image: "i")]))
    pod.spec.containers[0].environment = [EnvironmentVariable(name: "GAME", value: "chess")]
    #expect(try name.resolved(pod) == "a-chess-z${OTHER:x}")
    #expect(throws: StorageFault("the Pod's first container has no literal environment variable GAME")) {
      try name.resolved(nil)
    }
    let policy = try #require(cluster.policy(for: "WaitToBeDeleted"))
    #expect(policy.opsState == .waitToBeDeleted)
    #expect(policy.labels == ["going": "yes"])
    #expect(policy.annotations == ["why": "over"])
    #expect(policy.changes.map(\.value) == ["WaitToBeDeleted"])
    #expect(cluster.policy(for: "Allocated") == nil)
  }

  @Test func everyFaultIsNamedWithItsPlaceAndValue() throws {
    let (_, errors, _) = try reading(
      HTTPProbePlugin.self,
      """
      endpoints:
      - url: http://localhost:8080
        storageConfig:
          type: InKube
          inKube:
            target: {resource: Servers, namespace: '${SELF:NOT_THERE}', name: x}
            labelKey: 'a b'
            markerPolices:
            - {state: Kill, gameServerOpsState: Killed}
            - {state: Kill, labels: {ok: 'not ok'}}
            - state: n
              jsonPathConfigs: [{jsonPath: spec, value: 1}, {jsonPath: /a, fieldType: int, value: '1.5'}, {jsonPath: /b}]
      - url: http://localhost:8080
        storageConfig: {type: HTTPMetric, httpMetric: {metricName: 7up}}
      - url: http://localhost:8080
        storageConfig: {type: InKube, inKube: {}}
      - url: http://localhost:8080
        storageConfig: {type: Elsewhere}
      """)
    let start = "config.endpoints[0].storageConfig.inKube"
    #expect(
      errors.contains(
        "\(start).target.namespace: Invalid value: \"${SELF:NOT_THERE}\": the sidecar has no environment variable NOT_THERE"
      ))
    #expect(errors.contains("\(start).target.version: Required value"))
    #expect(errors.contains { $0.hasPrefix("\(start).target.resource: Invalid value: \"Servers\"") })
    #expect(errors.contains { $0.hasPrefix("\(start).labelKey: Invalid value: \"a b\"") })
    #expect(
      errors.contains(
        "\(start).markerPolices[0].gameServerOpsState: Unsupported value: \"Killed\": supported values: \"None\", "
          + "\"Allocated\", \"WaitToBeDeleted\", \"Maintaining\", \"Kill\""))
    #expect(errors.contains { $0.hasPrefix("\(start).markerPolices[1].labels: ") })
    #expect(errors.contains { $0.hasPrefix("\(start).markerPolices: ") && $0.hasSuffix("'Kill' has a policy already") })
    #expect(errors.contains { $0.hasPrefix("\(start).markerPolices[2].jsonPathConfigs[0].jsonPath: Invalid") })
    #expect(
      errors.contains { $0 == "\(start).markerPolices[2].jsonPathConfigs[1].value: Invalid value: \"1.5\": is no int" })
    #expect(errors.contains("\(start).markerPolices[2].jsonPathConfigs[2].value: Required value"))
    #expect(errors.contains { $0.hasPrefix("config.endpoints[1].storageConfig.httpMetric.metricName: Invalid") })
    #expect(errors.contains { $0.hasPrefix("config.endpoints[2].storageConfig.inKube.annotationKey: Required") })
    #expect(
      errors.contains { $0.hasPrefix("config.endpoints[3].storageConfig.type: Unsupported value: \"Elsewhere\"") })
  }

  @Test func withoutAnAPIServerNothingCanBeStoredInTheCluster() throws {
    let (_, errors, _) = try reading(
      HTTPProbePlugin.self, Self.peer, environment: ["POD_NAMESPACE": "games"], hasAPIServer: false)
    #expect(
      errors == [
        "config.endpoints[0].storageConfig.type: Invalid value: \"InKube\": needs an API server, and this sidecar has none"
      ])
  }

  @Test(arguments: [
    ("string", "1", JSONValue.string("1")), ("int", "1", .integer(1)), ("float", "1.5", .double(1.5)),
    ("bool", "true", .bool(true)),
  ])
  func valuesAreOfTheirType(type: String, text: String, value: JSONValue) throws {
    let (configuration, errors, _) = try reading(
      HTTPProbePlugin.self,
      """
      endpoints:
      - url: http://a
        storageConfig:
          type: InKube
          inKube:
            target: {podOwner: true}
            markerPolices: [{state: x, jsonPathConfigs: [{jsonPath: /a, fieldType: \(type), value: '\(text)'}]}]
      """)
    #expect(errors.isEmpty)
    let cluster = configuration.endpoints[0].storage?.cluster
    #expect(cluster?.policies[0].changes == [TargetChange(place: try #require(JSONPointer("/a")), value: value)])
    #expect(cluster?.target?.place == .ownServer)
  }
}

struct TargetPatchTests {
  private let object: JSONValue = [
    "metadata": ["resourceVersion": "7"], "spec": ["a": 1, "list": ["x", "y"]],
  ]

  private func patched(_ changes: [(String, JSONValue)]) throws -> JSONValue {
    let operations = try TargetPatch.operations(
      changes.map { TargetChange(place: try #require(JSONPointer($0.0)), value: $0.1) }, on: self.object)
    return try self.object.applying(JSONPatch(operations))["spec"] ?? .null
  }

  @Test func addsReplacesAndMakesWhatIsOnTheWay() throws {
    #expect(try self.patched([("/spec/a", 2)]) == ["a": 2, "list": ["x", "y"]])
    #expect(try self.patched([("/spec/b/c/d", true)]) == ["a": 1, "list": ["x", "y"], "b": ["c": ["d": true]]])
    #expect(try self.patched([("/spec/list/1", "z"), ("/spec/list/2", "w")]) == ["a": 1, "list": ["x", "z", "w"]])
    #expect(
      try self.patched([("/spec/b/c", 1), ("/spec/b/d", 2)]) == ["a": 1, "list": ["x", "y"], "b": ["c": 1, "d": 2]])
  }

  @Test func writesNothingWhereAllIsThereAndOnlyOnTheVersionThatWasSeen() throws {
    let place = try #require(JSONPointer("/spec/a"))
    #expect(try TargetPatch.operations([TargetChange(place: place, value: 1)], on: self.object).isEmpty)
    let operations = try TargetPatch.operations([TargetChange(place: place, value: 2)], on: self.object)
    #expect(operations.first == .test(JSONPointer(tokens: ["metadata", "resourceVersion"]), "7"))
  }

  @Test(arguments: ["/spec/list/5", "/spec/list/x", "/spec/a/b"])
  func namesAPlaceThatCannotBe(place: String) {
    #expect(throws: StorageFault.self) { try self.patched([(place, 1)]) }
  }
}
