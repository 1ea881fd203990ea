import KubernetesModel
import Testing

@testable import APIServer

/// Which writes concern a webhook, as functions on values.
struct AdmissionMatchTests {
  private static let everything: JSONValue = [
    "operations": ["*"], "apiGroups": ["*"], "apiVersions": ["*"], "resources": ["*"],
  ]

  private func subject(
    _ plural: String = "pods", _ subresource: String = "", _ operation: AdmissionSubject.Operation = .create,
    labels: JSONValue? = nil, oldLabels: JSONValue? = nil
  ) throws -> AdmissionSubject {
    let definition = try #require(BuiltInResources.all.first { $0.names.plural == plural })
    func object(_ labels: JSONValue?) -> JSONValue { labels.map { ["metadata": ["labels": $0]] } ?? .null }
    return AdmissionSubject(
      operation: operation, resource: ServedResource(definition: definition, version: definition.versions[0]),
      subresource: subresource, name: "a", namespace: definition.isNamespaced ? "default" : "",
      object: object(labels ?? [:]), oldObject: object(oldLabels), options: [:], isDryRun: false, user: .anonymous)
  }

  private func matches(_ rule: JSONValue, _ subject: AdmissionSubject) -> Bool {
    AdmissionRule(Self.everything.applying(mergePatch: rule)).matches(subject, version: subject.resource.version.name)
  }

  @Test(
    arguments: [
      ("*", "pods", "", true), ("*", "pods", "status", false), ("pods", "pods", "", true),
      ("pods", "pods", "status", false), ("pods/status", "pods", "status", true), ("pods/status", "pods", "", false),
      ("pods/*", "pods", "", true), ("pods/*", "pods", "binding", true), ("pods/*", "configmaps", "", false),
      ("*/*", "leases", "", true), ("*/*", "pods", "status", true), ("*/scale", "pods", "scale", true),
      ("*/scale", "pods", "", false), ("configmaps", "pods", "", false),
    ])
  func resources(rule: String, plural: String, subresource: String, isMeant: Bool) throws {
    #expect(self.matches(["resources": [.string(rule)]], try self.subject(plural, subresource)) == isMeant)
  }

  @Test func operationsGroupsAndVersions() throws {
    let pod = try self.subject("pods", "", .update)
    let lease = try self.subject("leases")
    #expect(self.matches(["operations": ["CREATE", "UPDATE"]], pod))
    #expect(!self.matches(["operations": ["CREATE", "DELETE"]], pod))
    #expect(self.matches(["apiGroups": [""]], pod))
    #expect(!self.matches(["apiGroups": [""]], lease))
    #expect(self.matches(["apiGroups": ["coordination.k8s.io"], "apiVersions": ["v1"]], lease))
    #expect(!self.matches(["apiVersions": ["v2"]], lease))
  }

  @Test func scopes() throws {
    let pod = try self.subject("pods")
    var namespace = try self.subject("namespaces")
    namespace.namespace = "a"
    let node = try self.subject("nodes")
    #expect(self.matches(["scope": "Namespaced"], pod))
    #expect(!self.matches(["scope": "Cluster"], pod))
    // A namespace names itself in questions, and is not in itself.
    #expect(!self.matches(["scope": "Namespaced"], namespace))
    #expect(self.matches(["scope": "Cluster"], namespace))
    #expect(self.matches(["scope": "Cluster"], node))
    #expect(self.matches(["scope": "*"], node))
  }

  @Test func eitherObjectMayHaveTheLabels() throws {
    let webhook = try #require(
      AdmissionWebhook(StudioWebhooks.webhook("a", ["objectSelector": ["matchLabels": ["tier": "game"]]])))
    func isAsked(_ labels: JSONValue, _ oldLabels: JSONValue? = nil) throws -> Bool {
      try self.subject(labels: labels, oldLabels: oldLabels).version(asking: webhook) != nil
    }
    #expect(try isAsked(["tier": "game"]))
    #expect(try !isAsked(["tier": "lobby"]))
    #expect(try isAsked([:], ["tier": "game"]))
    #expect(try !isAsked([:], [:]))
  }

  @Test func selectorsAreReadWhole() {
    let query = LabelQuery(selector: [
      "matchLabels": ["a": "1"],
      "matchExpressions": [
        ["key": "b", "operator": "In", "values": ["x", "y"]], ["key": "c", "operator": "NotIn", "values": ["z"]],
        ["key": "d", "operator": "Exists"], ["key": "e", "operator": "DoesNotExist"],
      ],
    ])
    #expect(query.matches(["a": "1", "b": "y", "d": ""]))
    #expect(!query.matches(["a": "1", "b": "y", "d": "", "e": ""]))
    #expect(!query.matches(["a": "1", "b": "y", "c": "z", "d": ""]))
    #expect(!query.matches(["a": "1", "b": "w", "d": ""]))
    #expect(!query.matches(["b": "y", "d": ""]))
  }

  @Test func otherVersionsOfAResourceCountUnlessExactlyTheOneIsMeant() throws {
    var subject = try self.subject("leases")
    var second = subject.resource.version
    second.name = "v2"
    subject.resource.definition.versions.append(second)
    let rules: JSONValue = [
      "rules": [
        ["operations": ["*"], "apiGroups": ["*"], "apiVersions": ["v2"], "resources": ["leases"]]
      ]
    ]
    let equivalent = try #require(AdmissionWebhook(StudioWebhooks.webhook("a", rules)))
    let exact = try #require(
      AdmissionWebhook(StudioWebhooks.webhook("a", rules.applying(mergePatch: ["matchPolicy": "Exact"]))))
    let version = try #require(subject.version(asking: equivalent))
    #expect(version.name == "v2")
    #expect(subject.version(asking: exact) == nil)

    subject.object = ["apiVersion": "coordination.k8s.io/v1", "kind": "Lease"]
    let request = subject.review(uid: "u", version: version)["request"]
    #expect(request?["object"]?["apiVersion"] == "coordination.k8s.io/v2")
    #expect(request?["kind"]?["version"] == "v2")
    #expect(request?["requestKind"]?["version"] == "v1")
    #expect(request?["resource"]?["version"] == "v2")
    #expect(request?["requestResource"]?["version"] == "v1")
  }

  @Test func thoseThatWantItAreAskedAgainAfterLaterChanges() {
    var rounds = AdmissionRounds()
    rounds.note(0, changedObject: true, isReinvoked: true)
    rounds.note(1, changedObject: false, isReinvoked: true)
    rounds.note(2, changedObject: true, isReinvoked: false)
    rounds.note(3, changedObject: false, isReinvoked: true)
    #expect(rounds.due == [0, 1])
  }
}
