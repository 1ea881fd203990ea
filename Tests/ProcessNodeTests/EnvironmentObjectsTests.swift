import KubernetesModel
import Testing

@testable import ProcessNode

struct EnvironmentObjectsTests {
  private static let map: JSONValue = [
    "data": ["MODE": "ranked", "a.b": "dotted", "": "none", "a=b": "none", "url": "$(MODE)"],
    "binaryData": ["raw": "AAE="],
  ]
  private static let secret: JSONValue = [
    "data": ["password": "c2VjcmV0", "broken": "%%%", "zero": "AGE=", "latin": "/w=="]
  ]

  private static func environment(
    _ environment: [JSONValue], from sources: [JSONValue] = [], map: JSONValue? = Self.map,
    secret: JSONValue? = Self.secret
  ) throws(ContainerProblem) -> [String: String] {
    var container = Container(name: "main", image: "game")
    container.fields["env"] = .array(environment)
    container.fields["envFrom"] = .array(sources)
    var builder = EnvironmentBuilderTests.builder()
    for name in EnvironmentObjects.names(in: container) {
      if let object = name.kind == .configMap ? map : secret { builder.objects.add(object, as: name) }
    }
    let result = try builder.environment(for: container)
    let plain = try EnvironmentBuilderTests.builder().environment(for: Container(name: "main", image: "game"))
    return result.filter { plain[$0.key] != $0.value }
  }

  private static func key(
    _ field: String, _ key: JSONValue, optional: JSONValue = false, name: JSONValue = "V"
  ) -> JSONValue {
    ["name": name, "valueFrom": .object([field: ["name": "arena", "key": key, "optional": optional]])]
  }

  @Test func variablesAreKeysOfObjects() throws {
    let environment = try Self.environment([
      Self.key("configMapKeyRef", "MODE", name: "MODE"), Self.key("secretKeyRef", "password", name: "PASSWORD"),
      ["name": "BOTH", "value": "$(MODE)-$(PASSWORD)"], Self.key("configMapKeyRef", "url", name: "URL"),
    ])
    // What an object holds is not expanded.
    #expect(
      environment == ["MODE": "ranked", "PASSWORD": "secret", "BOTH": "ranked-secret", "URL": "$(MODE)"])
  }

  @Test func wholeObjectsBecomeVariablesInOrder() throws {
    let first: JSONValue = ["configMapRef": ["name": "arena"], "prefix": "P_"]
    let second: JSONValue = ["configMapRef": ["name": "arena"]]
    let environment = try Self.environment([["name": "MODE", "value": "own"]], from: [first, second])
    #expect(
      environment == [
        "P_MODE": "ranked", "P_a.b": "dotted", "P_": "none", "P_url": "$(MODE)", "MODE": "own", "a.b": "dotted",
        "url": "$(MODE)",
      ])
    let secret: JSONValue = ["data": ["MODE": "c2VjcmV0"]]
    let later = try Self.environment([], from: [second, ["secretRef": ["name": "arena"]]], secret: secret)
    #expect(later["MODE"] == "secret")
  }

  @Test(arguments: [
    (["configMapKeyRef", "absent"], #"couldn't find key absent in configmap "arena""#),
    (["secretKeyRef", "absent"], #"couldn't find key absent in secret "arena""#),
    (["secretKeyRef", "broken"], #"key broken of secret "arena" is not base64"#),
    (["secretKeyRef", "zero"], #"key zero of secret "arena" holds a zero, which no variable can"#),
    (
      ["secretKeyRef", "latin"],
      #"key latin of secret "arena" is no text in UTF-8, which a local node gives to variables only"#
    ),
  ])
  func whatIsNoVariableIsNamed(source: [String], message: String) {
    let error = #expect(throws: ContainerProblem.self) {
      try Self.environment([Self.key(source[0], .string(source[1]))])
    }
    #expect(error?.message == message)
    #expect(error?.reason == .configuration)
  }

  @Test func whatIsMissingIsWaitedForUnlessItIsOptional() throws {
    let error = #expect(throws: ContainerProblem.self) {
      try Self.environment([Self.key("secretKeyRef", "password")], secret: nil)
    }
    #expect(error?.message == #"secret "arena" not found"#)
    let whole = #expect(throws: ContainerProblem.self) {
      try Self.environment([], from: [["configMapRef": ["name": "arena"]]], map: nil)
    }
    #expect(whole?.message == #"configmap "arena" not found"#)
    #expect(throws: ContainerProblem.self) { try Self.environment([], from: [["prefix": "A"]]) }
    #expect(
      try Self.environment(
        [Self.key("secretKeyRef", "password", optional: true), Self.key("configMapKeyRef", "x", optional: true)],
        from: [["secretRef": ["name": "arena", "optional": true]]], secret: nil
      ).isEmpty)
  }

  @Test func eachObjectIsNamedOnce() {
    var container = Container(name: "main", image: "game")
    container.fields["env"] = [
      Self.key("secretKeyRef", "a"), Self.key("secretKeyRef", "b"), ["name": "A", "value": "b"],
    ]
    container.fields["envFrom"] = [["configMapRef": ["name": "other"]], ["secretRef": ["name": "arena"]]]
    #expect(
      EnvironmentObjects.names(in: container) == [
        .init(kind: .secret, name: "arena"), .init(kind: .configMap, name: "other"),
      ])
  }
}
