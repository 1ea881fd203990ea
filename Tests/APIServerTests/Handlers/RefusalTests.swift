import HTTPTypes
import KubernetesModel
import Testing

@testable import APIServer

/// Requests that kube-apiserver refuses, and how.
struct RefusalTests {
  /// One request for the Widget `w` in `default`, and what comes of it.
  struct Case: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var method: HTTPRequest.Method
    /// What follows the path of the Widgets.
    var path: String
    var body: JSONValue
    var type: String?
    var status: Int
    var reason: String
    var causes: [String]

    init(
      _ description: String, _ method: HTTPRequest.Method, _ path: String, _ body: JSONValue, type: String? = nil,
      _ status: Int, _ reason: String, _ causes: [String] = []
    ) {
      self.testDescription = description
      self.method = method
      self.path = path
      self.body = body
      self.type = type
      self.status = status
      self.reason = reason
      self.causes = causes
    }

    /// A merge patch of the Widget.
    static func merge(
      _ description: String, _ patch: JSONValue, path: String = "/w", _ status: Int, _ reason: String,
      _ causes: [String] = []
    ) -> Case {
      Case(
        description, .patch, path, patch, type: PatchApplication.mergeType, status, reason, causes)
    }

    /// A configuration applied to the Widget.
    static func apply(
      _ description: String, _ config: JSONValue, path: String = "/w", _ status: Int, _ reason: String,
      _ causes: [String] = []
    ) -> Case {
      Case(
        description, .patch, "\(path)?fieldManager=m&force=true", config, type: PatchApplication.applyType, status,
        reason, causes)
    }
  }

  private static func widget(
    _ name: String? = "w", metadata: JSONValue = [:], spec: JSONValue = [:], kind: String = "Widget"
  ) -> JSONValue {
    var fields = metadata
    if let name { fields["name"] = .string(name) }
    return [
      "apiVersion": "stable.example.com/v1", "kind": .string(kind), "metadata": fields,
      "spec": JSONValue.object(["owner": "t"]).applying(mergePatch: spec),
    ]
  }

  private static func owner(_ fields: JSONValue) -> JSONValue {
    let reference: JSONValue = ["apiVersion": "v1", "kind": "Pod", "name": "p", "uid": "u"]
    return Self.widget("n", metadata: ["ownerReferences": [reference.applying(mergePatch: fields)]])
  }

  static let creations: [Case] = [
    Case(
      "another kind", .post, "", Self.widget(kind: "Gadget"), 422, "Invalid", ["kind: FieldValueInvalid"]),
    Case(
      "a type and an enumeration", .post, "", Self.widget("n", spec: ["mode": 5]), 422, "Invalid",
      ["spec.mode: FieldValueTypeInvalid", "spec.mode: FieldValueNotSupported"]),
    Case(
      "null in a map", .post, "", Self.widget("n", metadata: [:]).setting(["a": nil], at: "labels"), 422, "Invalid",
      ["spec.labels.a: FieldValueTypeInvalid"]),
    Case(
      "an element thrice in a set", .post, "", Self.widget("n", spec: ["tags": ["a", "a", "a"]]), 422, "Invalid",
      ["spec.tags[1]: FieldValueDuplicate"]),
    Case(
      "an owner without name and uid", .post, "", Self.owner(["name": nil, "uid": nil]), 422, "Invalid",
      ["metadata.ownerReferences.name: FieldValueInvalid", "metadata.ownerReferences.uid: FieldValueInvalid"]),
    Case(
      "an Event as owner", .post, "", Self.owner(["kind": "Event"]), 422, "Invalid",
      ["metadata.ownerReferences: FieldValueInvalid"]),
    Case(
      "both finalizers of dependents", .post, "",
      Self.widget("n", metadata: ["finalizers": ["orphan", "foregroundDeletion"]]), 422, "Invalid",
      ["metadata.finalizers: FieldValueInvalid"]),
    Case(
      "a prefix that no name may begin with", .post, "", Self.widget(nil, metadata: ["generateName": "Bad_"]), 422,
      "Invalid", ["metadata.generateName: FieldValueInvalid", "metadata.name: FieldValueInvalid"]),
    Case(
      "a manager that cannot be printed", .post, "?fieldManager=%01", Self.widget("n"), 422, "Invalid",
      ["fieldManager: FieldValueInvalid"]),
  ]

  static let updates: [Case] = [
    Case("a put without a name", .put, "/w", Self.widget(nil, metadata: ["resourceVersion": "1"]), 400, "BadRequest"),
    Case(
      "a put of version 0", .put, "/w", Self.widget(metadata: ["resourceVersion": "0"]), 422, "Invalid",
      ["metadata.resourceVersion: FieldValueInvalid"]),
    Case("a put of another uid", .put, "/w", Self.widget(metadata: ["uid": "u"]), 409, "Conflict"),
    .merge("a patch of the name", ["metadata": ["name": "other"]], 400, "BadRequest"),
    .merge("a patch without the name", ["metadata": ["name": nil]], 400, "BadRequest"),
    .merge("a patch of the namespace", ["metadata": ["namespace": "other"]], 400, "BadRequest"),
    .merge("a patch of the uid", ["metadata": ["uid": "u"]], 422, "Invalid", ["metadata.uid: FieldValueInvalid"]),
    .merge("a patch of the kind", ["kind": "Gadget"], 422, "Invalid", ["kind: FieldValueInvalid"]),
    .merge(
      "a patch that begins a deletion", ["metadata": ["deletionTimestamp": "2026-01-01T00:00:00Z"]], 422, "Invalid",
      ["metadata.deletionTimestamp: FieldValueInvalid"]),
    .merge(
      "a patch of the grace period", ["metadata": ["deletionGracePeriodSeconds": 5]], 422, "Invalid",
      ["metadata.deletionGracePeriodSeconds: FieldValueInvalid"]),
    .merge(
      "force without apply", ["spec": [:]], path: "/w?force=false", 422, "Invalid", ["force: FieldValueForbidden"]),
    Case(
      "an unknown operation", .patch, "/w", [["op": "frob", "path": "/spec"]], type: PatchApplication.jsonType, 422,
      "Invalid"),
    Case("a patch that is no list", .patch, "/w", [:], type: PatchApplication.jsonType, 400, "BadRequest"),
    Case("a scale without a name", .put, "/w/scale", ["spec": ["replicas": 2]], 400, "BadRequest"),
    Case(
      "a scale of another name", .put, "/w/scale", ["metadata": ["name": "x"], "spec": ["replicas": 2]], 400,
      "BadRequest"),
    Case(
      "a scale that is no number", .put, "/w/scale", ["metadata": ["name": "w"], "spec": ["replicas": "2"]], 400,
      "BadRequest"),
    .merge(
      "a scale patched to a text", ["spec": ["replicas": "2"]], path: "/w/scale", 422, "Invalid",
      ["patch: FieldValueInvalid"]),
  ]

  static let applications: [Case] = [
    .apply("a field that the schema does not know", Self.widget(spec: ["zz": 1]), 500, ""),
    .apply("a field of another type", Self.widget(spec: ["replicas": "x"]), 500, ""),
    .apply("the same key twice", Self.widget(spec: ["parts": [["name": "a"], ["name": "a"]]]), 500, ""),
    .apply("an element without its key", Self.widget(spec: ["parts": [["size": 1]]]), 500, ""),
    .apply("metadata that is not known", Self.widget(metadata: ["zz": 1]), 500, ""),
    .apply("owners of its own", Self.widget(metadata: ["managedFields": []]), 400, "BadRequest"),
    .apply("another name", Self.widget("other"), 400, "BadRequest"),
    .apply(
      "no name for a new object", Self.widget(nil, metadata: ["generateName": "g-"]), path: "/new", 400, "BadRequest"),
    .apply("a uid for a new object", Self.widget("new", metadata: ["uid": "u"]), path: "/new", 409, "Conflict"),
    .apply("another uid", Self.widget(metadata: ["uid": "u"]), 422, "Invalid", ["metadata.uid: FieldValueInvalid"]),
    .apply("another version", Self.widget(metadata: ["resourceVersion": "1"]), 409, "Conflict"),
  ]

  static let deletions: [Case] = [
    Case(
      "two words on dependents", .delete, "/w", ["propagationPolicy": "Orphan", "orphanDependents": true], 422,
      "Invalid", ["propagationPolicy: FieldValueInvalid"]),
    Case("a grace period that is a text", .delete, "/w", ["gracePeriodSeconds": "x"], 400, "BadRequest"),
    Case("a precondition that is a number", .delete, "/w", ["preconditions": ["uid": 5]], 400, "BadRequest"),
    Case(
      "a read of a version to come", .get, "/w?resourceVersion=99999", nil, 504, "Timeout",
      [": ResourceVersionTooLarge"]),
  ]

  @Test(arguments: Self.creations + Self.updates + Self.applications + Self.deletions)
  func isAnsweredAsByTheRealServer(_ refused: Case) async throws {
    let server = try await EmbeddedAPIServer.withWidgets()
    defer { server.close() }
    let before = try await server.createWidget("w")
    let answer = try await server.send(
      refused.method, "\(EmbeddedAPIServer.widgets)\(refused.path)", refused.body.isNull ? nil : refused.body,
      type: refused.type)
    #expect(answer.status == refused.status)
    #expect(answer.json["reason"]?.stringValue ?? "" == refused.reason)
    #expect(answer.causes == refused.causes)
    #expect(try await server.send(.get, "\(EmbeddedAPIServer.widgets)/w").json == before)
  }

  @Test func aRefusalOfAnotherKindNamesThatKind() async throws {
    let server = try await EmbeddedAPIServer.withWidgets()
    defer { server.close() }
    let answer = try await server.send(.post, EmbeddedAPIServer.widgets, Self.widget(kind: "Gadget"))
    #expect(
      answer.json["message"]
        == #"Gadget.stable.example.com "w" is invalid: kind: Invalid value: "Gadget": must be Widget"#)
    #expect(answer.json["details"]?["kind"] == "Gadget")
  }

  @Test func plainFinalizersAreWarnedOfOrRefused() async throws {
    let server = try await EmbeddedAPIServer.withWidgets()
    defer { server.close() }
    let body = Self.widget("n", metadata: ["finalizers": ["plain", "orphan", "example.com/x"]])
    let made = try await server.send(.post, EmbeddedAPIServer.widgets, body)
    #expect(made.status == 201)
    #expect(made.warning?.contains(#"metadata.finalizers: \"plain\": prefer a domain-qualified"#) == true)
    let again = try await server.merge(
      "\(EmbeddedAPIServer.widgets)/n", ["metadata": ["labels": ["a": "b"]]])
    #expect(again.warning == nil)
    let map: JSONValue = ["metadata": ["name": "m", "finalizers": ["example.com/x", "plain"]]]
    #expect(
      try await server.send(.post, EmbeddedAPIServer.configMaps, map).causes == [
        "metadata.finalizers[1]: FieldValueInvalid"
      ])
  }

  @Test func bodiesMayBeYAML() async throws {
    let server = try await EmbeddedAPIServer.withWidgets()
    defer { server.close() }
    let text = "# a Widget\napiVersion: stable.example.com/v1\nkind: Widget\nmetadata: {name: y}\nspec:\n  owner: t\n"
    let made = try await server.send(
      .post, EmbeddedAPIServer.widgets, bytes: Array(text.utf8), type: "application/yaml")
    #expect(made.status == 201)
    let path = "\(EmbeddedAPIServer.widgets)/y"
    let applied = try await server.send(
      .patch, "\(path)?fieldManager=m", bytes: Array(text.utf8), type: PatchApplication.applyType)
    #expect(applied.status == 200)
    for bad in ["a: b: c", "a: [", "? [1]\n: 2", "spec: *nowhere"] {
      let answer = try await server.send(
        .patch, "\(path)?fieldManager=m", bytes: Array(bad.utf8), type: PatchApplication.applyType)
      #expect(answer.status == 400)
      #expect(answer.json["reason"] == "BadRequest")
    }
  }
}

extension JSONValue {
  /// The object with a field of its `spec` set, null included.
  fileprivate func setting(_ value: JSONValue, at field: String) -> JSONValue {
    var object = self
    object["spec"]?[field] = value
    return object
  }
}
