import KubernetesModel
import Testing

@testable import ProcessNode

struct EnvironmentBuilderTests {
  static func builder(additions: [String: String] = [:]) -> EnvironmentBuilder {
    var metadata = ObjectMeta(
      name: "arena-1-pod", namespace: "games", labels: ["umpire.dev/server": "arena-1"], annotations: ["a/b": "c"])
    metadata.uid = "uid-1"
    var spec = PodSpec(containers: [Container(name: "main", image: "game")])
    spec.nodeName = "local"
    return EnvironmentBuilder(
      pod: Pod(metadata: metadata, spec: spec), podAddress: "127.64.0.7", hostAddress: "127.0.0.1",
      base: ["PATH": "/bin", "HOME": "/root"], additions: additions, stateRoot: "/data")
  }

  static func container(_ environment: [EnvironmentVariable]) -> Container {
    var container = Container(name: "main", image: "game")
    container.environment = environment
    return container
  }

  @Test func aContainerGetsTheLeastAndTheMarker() throws {
    let environment = try Self.builder().environment(for: Self.container([]))
    #expect(
      environment == [
        "PATH": "/bin", "HOME": "/root", "HOSTNAME": "arena-1-pod", "UMPIRE_BIND_ADDRESS": "127.64.0.7",
        "UMPIRE_NODE_STATE": "/data",
      ])
  }

  @Test func thePodsOwnVariablesWinOverTheNodes() throws {
    let environment = try Self.builder(additions: ["KUBECONFIG": "/k", "A": "node"]).environment(
      for: Self.container([
        EnvironmentVariable(name: "A", value: "pod"), EnvironmentVariable(name: "UMPIRE_BIND_ADDRESS", value: "::1"),
        EnvironmentVariable(name: "UMPIRE_NODE_STATE", value: "elsewhere"),
      ]))
    #expect(environment["KUBECONFIG"] == "/k")
    #expect(environment["A"] == "pod")
    #expect(environment["UMPIRE_BIND_ADDRESS"] == "::1")
    #expect(environment["UMPIRE_NODE_STATE"] == "/data")
  }

  @Test func variablesComeFromFieldsOfThePod() throws {
    let paths = [
      "metadata.name": "arena-1-pod", "metadata.namespace": "games", "metadata.uid": "uid-1",
      "metadata.labels['umpire.dev/server']": "arena-1", "metadata.annotations['a/b']": "c",
      "metadata.labels['absent']": "", "spec.nodeName": "local", "status.podIP": "127.64.0.7",
      "status.hostIP": "127.0.0.1",
    ]
    for (path, value) in paths {
      let environment = try Self.builder().environment(
        for: Self.container([EnvironmentVariable(name: "FIELD", fieldPath: path)]))
      #expect(environment["FIELD"] == value, "\(path)")
    }
  }

  @Test func laterVariablesMayUseEarlierOnes() throws {
    let environment = try Self.builder().environment(
      for: Self.container([
        EnvironmentVariable(name: "IP", fieldPath: "status.podIP"),
        EnvironmentVariable(name: "URL", value: "http://$(IP):8080/$(LATER)$$(IP)"),
        EnvironmentVariable(name: "LATER", value: "x"),
      ]))
    #expect(environment["URL"] == "http://127.64.0.7:8080/$(LATER)$(IP)")
  }

  @Test func sourcesThatAreNotSupportedAreSaidSo() throws {
    let source = EnvironmentVariable(fields: [
      "name": "CORES", "valueFrom": ["resourceFieldRef": ["resource": "limits.cpu"]],
    ])
    let error = #expect(throws: ContainerProblem.self) { try Self.builder().environment(for: Self.container([source])) }
    #expect(error?.message == "variable CORES: resourceFieldRef is not supported by a local node")
    let field = EnvironmentVariable(name: "F", fieldPath: "spec.unknown")
    #expect(throws: ContainerProblem.self) { try Self.builder().environment(for: Self.container([field])) }
  }

  @Test(arguments: [
    ("$(A)", "1"), ("$$(A)", "$(A)"), ("$$$(A)", "$1"), ("$(B)", "$(B)"), ("a$", "a$"), ("$A", "$A"), ("$(A", "$(A"),
    ("$(A)$(A)", "11"), ("", ""), ("$()", "$()"),
  ])
  func expandsAsKubernetesDoes(text: String, expected: String) {
    #expect(VariableExpansion.expand(text, with: ["A": "1"]) == expected)
  }
}
