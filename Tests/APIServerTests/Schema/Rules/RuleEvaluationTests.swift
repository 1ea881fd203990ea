import HTTPTypes
import KubernetesModel
import Testing

@testable import APIServer

/// What objects are refused for by the rules of their definition, in the words of a real kube-apiserver.
@Suite struct RuleEvaluationTests {
  private static func rule(_ rule: String, _ message: String = "", _ more: JSONValue = [:]) -> JSONValue {
    var fields: JSONValue = ["rule": .string(rule)]
    if !message.isEmpty { fields["message"] = .string(message) }
    return fields.applying(mergePatch: more)
  }

  private static func with(_ schema: JSONValue, _ rules: JSONValue...) -> JSONValue {
    schema.applying(mergePatch: ["x-kubernetes-validations": .array(rules)])
  }

  private static func object(_ properties: JSONValue) -> JSONValue { ["type": "object", "properties": properties] }

  private static let integer: JSONValue = ["type": "integer"]
  private static let text: JSONValue = ["type": "string"]
  private static let element = Self.with(
    Self.object(["k": Self.text, "v": Self.integer]), Self.rule("self.v >= oldSelf.v", "no shrink"),
    Self.rule("self.v != 13", "unlucky"))

  private static let fields: JSONValue = [
    "a": Self.with(Self.integer, Self.rule("self > 0", "a pos"), Self.rule("self >= oldSelf", "a grows")),
    "s": Self.with(Self.text, Self.rule("self.startsWith('x')")),
    "r": Self.with(
      Self.text, Self.rule("self != 'bad'", "forb", ["reason": "FieldValueForbidden"]),
      Self.rule("self != 'bad'", "req", ["reason": "FieldValueRequired"]),
      Self.rule("self != 'bad'", "dup", ["reason": "FieldValueDuplicate"])),
    "o": Self.with(
      Self.object(["x": Self.integer, "y": Self.integer]), Self.rule("self.x > 0", "fp", ["fieldPath": ".x"]),
      Self.rule("self.y > 0", "", ["messageExpression": "self.y > 5 ? 'big' : 'y small'"])),
    "l": [
      "type": "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["k"], "maxItems": 5,
      "items": Self.element.applying(mergePatch: ["required": ["k"]]),
    ],
    "at": [
      "type": "array", "maxItems": 5,
      "items": Self.with(Self.object(["v": Self.integer]), Self.rule("self.v != 13", "unlucky")),
    ],
    "m": [
      "type": "object", "maxProperties": 5,
      "additionalProperties": Self.with(
        Self.integer, Self.rule("self != 13", "unlucky"), Self.rule("self >= oldSelf", "grow")),
    ],
    "opt": Self.with(
      Self.integer,
      Self.rule("!oldSelf.hasValue() || self > oldSelf.value()", "opt", ["optionalOldSelf": true])),
    "nn": Self.with(["type": "integer", "nullable": true], Self.rule("self > 0", "nn")),
    "ios": Self.with(["x-kubernetes-int-or-string": true], Self.rule("self > 5", "ios")),
    "d": Self.with(["type": "string", "format": "duration"], Self.rule("self < duration('1h')", "dur")),
    "mn": ["type": "integer", "minimum": 3],
  ]

  private static let schema: JSONValue = Self.with(
    Self.object([
      "spec": Self.with(
        Self.object(Self.fields), Self.rule("!has(self.a) || !has(self.mn) || self.a < self.mn", "a<mn"),
        Self.rule("!has(self.a) || self.a != 7", "not 7")),
      "status": Self.with(
        Self.object(["y": Self.integer]), Self.rule("self.y > 0", "ypos"), Self.rule("self.y >= oldSelf.y", "ygrow")),
    ]), Self.rule("self.metadata.name != 'evil'", "evil name"), Self.rule("!has(self.spec.a) || self.spec.a != 8"))

  /// What stands in a refusal, a line each.
  private static func faults(_ spec: JSONValue, replacing old: JSONValue? = nil, name: String = "b") throws -> [String]
  {
    let schema = try StructuralSchema(Self.schema)
    func object(_ spec: JSONValue) -> JSONValue {
      ["apiVersion": "a.example.com/v1", "kind": "A", "metadata": ["name": .string(name)], "spec": spec]
    }
    let (new, previous) = (object(spec), old.map(object))
    let found = schema.faults(in: new, replacing: previous, isResource: true)
    let validator = try #require(RuleValidator(schema, isRoot: true))
    return (found + validator.faults(in: new, replacing: previous, after: found)).map { fault in
      "\(fault.field) \(fault.reason.dropFirst("FieldValue".count)) \(fault.message)"
    }
  }

  private static let unchecked =
    "<nil> Invalid Invalid value: null: some validation rules were not checked because the object was invalid; correct "
    + "the existing errors to complete validation"

  @Test(
    arguments: [
      (["a": 1], []), (["a": 0], ["spec.a Invalid Invalid value: 0: a pos"]),
      (["a": 8], ["<nil> Invalid Invalid value: failed rule: !has(self.spec.a) || self.spec.a != 8"]),
      (["s": "a"], ["spec.s Invalid Invalid value: \"a\": failed rule: self.startsWith('x')"]),
      (
        ["r": "bad"],
        [
          "spec.r Forbidden Forbidden: forb", "spec.r Required Required value: req",
          "spec.r Duplicate Duplicate value: \"bad\"",
        ]
      ),
      (["o": ["x": 0, "y": 0]], ["spec.o.x Invalid Invalid value: fp", "spec.o Invalid Invalid value: y small"]),
      (
        ["o": [:]],
        [
          "spec.o Invalid Invalid value: \"object\": no such key: x evaluating rule: fp",
          "spec.o Invalid Invalid value: \"object\": no such key: y evaluating rule: self.y > 0",
        ]
      ),
      (
        ["l": [["k": "a", "v": 13], ["k": "b"]]],
        [
          "spec.l[0] Invalid Invalid value: unlucky",
          "spec.l[1] Invalid Invalid value: \"object\": no such key: v evaluating rule: unlucky",
        ]
      ),
      (["at": [["v": 13]]], ["spec.at[0] Invalid Invalid value: unlucky"]),
      (
        ["m": ["b": 13, "q": 13]],
        ["spec.m[b] Invalid Invalid value: 13: unlucky", "spec.m[q] Invalid Invalid value: 13: unlucky"]
      ),
      (["opt": 1], []), (["nn": nil], []), (["nn": 0], ["spec.nn Invalid Invalid value: 0: nn"]),
      (
        ["ios": "a"],
        [
          "spec.ios Invalid Invalid value: \"\": 'no such overload': call arguments did not match a supported operator, "
            + "function or macro signature for rule: ios"
        ]
      ),
      (["ios": 1], ["spec.ios Invalid Invalid value: 1: ios"]),
      (["d": "2h"], ["spec.d Invalid Invalid value: \"2h\": dur"]),
      (
        ["mn": 1, "a": 0],
        [
          "spec.mn Invalid Invalid value: 1: spec.mn in body should be greater than or equal to 3",
          "spec.a Invalid Invalid value: 0: a pos",
        ]
      ),
      (
        ["mn": "x", "a": 0],
        [
          "spec.mn TypeInvalid Invalid value: \"string\": spec.mn in body must be of type integer: \"string\"",
          Self.unchecked,
        ]
      ),
      (["l": [["v": 13]], "a": 0], ["spec.l[0].k Required Required value", Self.unchecked]),
      (["a": 7, "mn": 5], ["spec Invalid Invalid value: a<mn", "spec Invalid Invalid value: not 7"]),
      (
        ["l": [["k": "a", "v": 13], ["k": "a", "v": 13]]],
        [
          "spec.l[1] Duplicate Duplicate value: {\"k\":\"a\"}", "spec.l[0] Invalid Invalid value: unlucky",
          "spec.l[1] Invalid Invalid value: unlucky",
        ]
      ),
    ] as [(JSONValue, [String])]) func newObjects(spec: JSONValue, expected: [String]) throws
  {
    #expect(try Self.faults(spec) == expected)
  }

  @Test func rulesOfTheWholeObjectSeeItsName() throws {
    #expect(try Self.faults(["a": 1], name: "evil") == ["<nil> Invalid Invalid value: evil name"])
  }

  @Test(
    arguments: [
      (["a": 5], ["a": 4], ["spec.a Invalid Invalid value: 4: a grows"]), ([:], ["a": 4], []),
      (
        ["l": [["k": "a", "v": 5], ["k": "b", "v": 5]]],
        ["l": [["k": "b", "v": 4], ["k": "a", "v": 6], ["k": "c", "v": 1]]],
        ["spec.l[0] Invalid Invalid value: no shrink"]
      ),
      (["m": ["a": 5]], ["m": ["a": 4, "b": 1]], ["spec.m[a] Invalid Invalid value: 4: grow"]),
      (["opt": 5], ["opt": 5], ["spec.opt Invalid Invalid value: 5: opt"]), (["opt": 5], ["opt": 6], []),
    ] as [(JSONValue, JSONValue, [String])]) func changes(old: JSONValue, new: JSONValue, expected: [String]) throws
  {
    #expect(try Self.faults(new, replacing: old) == expected)
  }

  @Test(
    arguments: [
      // What is unchanged stays, whatever is new about the rules.
      (["a": 0, "mn": 3], ["a": 0, "mn": 4], []),
      (["a": 0], ["a": -2], ["spec.a Invalid Invalid value: -2: a pos", "spec.a Invalid Invalid value: -2: a grows"]),
      (["at": [["v": 13], ["v": 2]]], ["at": [["v": 13], ["v": 3]]], ["spec.at[0] Invalid Invalid value: unlucky"]),
      (["at": [["v": 13], ["v": 2]]], ["at": [["v": 13], ["v": 2]], "mn": 3], []),
      (["at": [["v": 13], ["v": 2]]], ["at": [["v": 2], ["v": 13]]], ["spec.at[1] Invalid Invalid value: unlucky"]),
      (["l": [["k": "a", "v": 13], ["k": "b", "v": 1]]], ["l": [["k": "b", "v": 2], ["k": "a", "v": 13]]], []),
      (["l": [["k": "a", "v": 13]]], ["l": [["k": "c", "v": 13]]], ["spec.l[0] Invalid Invalid value: unlucky"]),
      (["m": ["a": 13]], ["m": ["a": 13, "b": 1]], []),
      (["m": ["a": 13]], ["m": ["a": 14, "b": 13]], ["spec.m[b] Invalid Invalid value: 13: unlucky"]),
      (["a": 7], ["a": 7, "mn": 9], ["spec Invalid Invalid value: not 7"]), (["a": 7], ["a": 7], []),
    ] as [(JSONValue, JSONValue, [String])]) func ratcheting(old: JSONValue, new: JSONValue, expected: [String]) throws
  {
    #expect(try Self.faults(new, replacing: old) == expected)
  }

  // MARK: Through the server

  @Test func theServerEvaluatesTheRulesOfStatusesToo() async throws {
    let server = try await EmbeddedAPIServer.inMemory()
    defer { server.close() }
    let definition: JSONValue = [
      "metadata": ["name": "gauges.rules.example.com"],
      "spec": [
        "group": "rules.example.com", "scope": "Namespaced", "names": ["plural": "gauges", "kind": "Gauge"],
        "versions": [
          [
            "name": "v1", "served": true, "storage": true, "subresources": ["status": [:]],
            "schema": ["openAPIV3Schema": Self.schema],
          ]
        ],
      ],
    ]
    let created = try await server.send(.post, "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", definition)
    try #require(created.status == 201, "\(created.text)")
    let path = "/apis/rules.example.com/v1/namespaces/default/gauges"
    let gauge: JSONValue = [
      "apiVersion": "rules.example.com/v1", "kind": "Gauge", "metadata": ["name": "a"], "spec": ["a": 5],
      "status": ["y": -1],
    ]
    let refused = try await server.send(.post, path, gauge.applying(mergePatch: ["spec": ["a": 0]]))
    #expect(refused.status == 422)
    #expect(refused.json["details"]?["causes"]?[0]?["message"] == "Invalid value: 0: a pos")
    #expect(try await server.send(.post, path, gauge).status == 201)
    func setStatus(_ y: JSONValue) async throws -> [String] {
      let answer = try await server.send(
        .patch, "\(path)/a/status", ["status": ["y": y]], type: "application/merge-patch+json")
      return (answer.json["details"]?["causes"]?.arrayValue ?? []).map { $0["message"]?.stringValue ?? "" }
    }
    #expect(try await setStatus(0) == ["Invalid value: ypos"])
    #expect(try await setStatus(3) == [])
    #expect(try await setStatus(2) == ["Invalid value: ygrow"])
    let shrunk = try await server.send(.patch, "\(path)/a", ["spec": ["a": 4]], type: "application/merge-patch+json")
    #expect(shrunk.status == 422)
    #expect(shrunk.json["message"] == "Gauge.rules.example.com \"a\" is invalid: spec.a: Invalid value: 4: a grows")
  }

  @Test func anObjectCannotMakeTheRulesRunForLong() throws {
    let schema = try StructuralSchema([
      "type": "object",
      "properties": [
        "l": Self.with(
          ["type": "array", "items": ["type": "integer"]],
          Self.rule("self.all(x, self.all(y, self.all(z, x + y + z > 0)))", "slow"),
          Self.rule("self.size() < 2", "long"))
      ],
    ])
    let validator = try #require(RuleValidator(schema, isRoot: true))
    let list = JSONValue.array((0..<1000).map { _ in 1 })
    let faults = validator.faults(in: ["l": list], replacing: nil, after: [])
    #expect(
      faults.map(\.message) == [
        "Invalid value: \"array\": 'operation cancelled: actual cost limit exceeded': no further validation rules will be "
          + "run due to call cost exceeds limit for rule: slow"
      ])
  }
}
