import HTTPTypes
import KubernetesModel
import Testing

@testable import APIServer

/// What a definition with rules is refused for, in the words of a real kube-apiserver.
@Suite struct RuleDefinitionTests {
  private static let path = "spec.validation.openAPIV3Schema.properties[spec]"
  private static let spec: JSONValue = [
    "type": "object",
    "properties": [
      "up": ["type": "integer"], "name": ["type": "string"], "names": ["type": "array", "items": ["type": "string"]],
      "a b": ["type": "integer"], "any": ["x-kubernetes-preserve-unknown-fields": true],
    ],
  ]

  /// The faults of a schema whose `spec` has rules.
  private static func faults(_ rules: [JSONValue], spec: JSONValue = Self.spec) throws -> [FieldFault] {
    var spec = spec
    spec["x-kubernetes-validations"] = .array(rules)
    return try Self.faults(spec)
  }

  private static func faults(_ spec: JSONValue) throws -> [FieldFault] {
    let source: JSONValue = ["type": "object", "properties": ["spec": spec]]
    let path = "spec.validation.openAPIV3Schema"
    let schema = try StructuralSchema(source, path: path)
    let defaults = DefaultFaults.all(in: schema, path: path)
    return defaults + RuleDefinitionFaults.all(in: schema, path: path, compiles: defaults.isEmpty)
  }

  @Test func namesTheRuleAndThePlaceInIt() throws {
    let fault = try #require(try Self.faults([["rule": "self.left > 0"]]).first)
    #expect(fault.field == "\(Self.path).x-kubernetes-validations[0].rule")
    #expect(fault.reason == "FieldValueInvalid")
    #expect(
      fault.message
        == #"Invalid value: {"Rule":"self.left \u003e 0","Message":"","MessageExpression":"","Reason":null,"#
        + #""FieldPath":"","OptionalOldSelf":null}: compilation failed: ERROR: <input>:1:5: undefined field 'left'"#
        + "\n | self.left > 0\n | ....^")
  }

  @Test func looksAtEveryFieldOfARule() throws {
    let rules: [JSONValue] = [
      ["rule": "self.up > 0"], ["rule": "true", "message": "a\nb"], ["rule": "true", "message": "  "],
      ["rule": "true", "reason": "Foo"], ["rule": "true", "fieldPath": ".up"], ["rule": "true", "fieldPath": ".nope"],
      ["rule": "true", "fieldPath": "up"], ["rule": "true", "fieldPath": ".names[0]"], ["rule": "\n"],
      ["rule": "true\n&& false"], ["rule": "true", "messageExpression": " "], ["rule": "true", "fieldPath": "['a b']"],
    ]
    let faults = try Self.faults(rules).map {
      "\($0.field.dropFirst(Self.path.count + ".x-kubernetes-validations".count)) \($0.reason) \($0.message)"
    }
    #expect(
      faults == [
        "[1].message FieldValueInvalid Invalid value: \"a\\nb\": must not contain line breaks",
        "[2].message FieldValueInvalid Invalid value: \"  \": must be non-empty if specified",
        "[3].reason FieldValueNotSupported Unsupported value: \"Foo\": supported values: \"FieldValueDuplicate\", "
          + "\"FieldValueForbidden\", \"FieldValueInvalid\", \"FieldValueRequired\"",
        "[5].fieldPath FieldValueInvalid Invalid value: \".nope\": must be a valid path",
        "[6].fieldPath FieldValueInvalid Invalid value: \"up\": must be a valid path",
        "[7].fieldPath FieldValueInvalid Invalid value: \".names[0]\": must be a valid path",
        "[8].rule FieldValueRequired Required value: rule is not specified",
        "[9].message FieldValueRequired Required value: message must be specified if rule contains line breaks",
        "[10].messageExpression FieldValueRequired Required value: messageExpression must be non-empty if specified",
      ])
  }

  @Test(
    arguments: [
      (["rule": "self.up"], "rule", "cel expression must evaluate to a bool"),
      (["rule": "true", "messageExpression": "1"], "messageExpression", "messageExpression must evaluate to a string"),
      (
        ["rule": "true", "messageExpression": "self.left"], "messageExpression",
        "messageExpression compilation failed: ERROR: <input>:1:5: undefined field 'left'\n | self.left\n | ....^"
      ),
      (["rule": "int('a') > 1"], "rule", "program instantiation failed: type conversion error from 'string' to 'int'"),
      (
        ["rule": "self.any == 1"], "rule",
        "compilation failed: ERROR: <input>:1:5: undefined field 'any'\n | self.any == 1\n | ....^"
      ),
    ] as [(JSONValue, String, String)]) func compiles(rule: JSONValue, field: String, message: String) throws
  {
    let fault = try #require(try Self.faults([rule]).first)
    #expect(fault.field == "\(Self.path).x-kubernetes-validations[0].\(field)")
    #expect(fault.message.hasSuffix("}: \(message)"), "\(fault.message)")
  }

  @Test func oldValuesAreComparedOnlyWhereTheyCanBeFound() throws {
    func faults(_ list: JSONValue, _ rule: String) throws -> [String] {
      var items: JSONValue = ["type": "object", "properties": ["k": ["type": "string"]], "required": ["k"]]
      items["x-kubernetes-validations"] = [["rule": .string(rule)]]
      var schema: JSONValue = ["type": "array", "maxItems": 3, "items": items]
      for (name, value) in list.objectValue ?? [:] { schema[name] = value }
      return try Self.faults(["type": "object", "properties": ["l": schema]]).map(\.description)
    }
    let place = "\(Self.path).properties[l]"
    let expected =
      "\(place).items.x-kubernetes-validations[0].rule: Invalid value: \"self.k == oldSelf.k\": oldSelf cannot be used on "
      + "the uncorrelatable portion of the schema within \(place)"
    #expect(try faults([:], "self.k == oldSelf.k") == [expected])
    #expect(try faults(["x-kubernetes-list-type": "set"], "self.k == oldSelf.k") == [expected])
    #expect(
      try faults(["x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["k"]], "self.k == oldSelf.k") == [])
    #expect(
      try Self.faults([["rule": "true", "optionalOldSelf": true]]).map(\.description) == [
        "\(Self.path).x-kubernetes-validations[0].optionalOldSelf: Invalid value: true: may not be set if oldSelf is not "
          + "used in rule"
      ])
    #expect(try Self.faults([["rule": "oldSelf.orValue(self).up > 0", "optionalOldSelf": true]]) == [])
  }

  @Test func rulesStandNowhereElse() throws {
    let spec: JSONValue = [
      "type": "object",
      "properties": [
        "n": ["type": "integer", "anyOf": [["minimum": 1, "x-kubernetes-validations": [["rule": "self > 1"]]]]]
      ],
    ]
    #expect(
      try Self.faults(spec).map(\.description) == [
        "\(Self.path).properties[n].anyOf[0].x-kubernetes-validations: Forbidden: must be empty to be structural"
      ])
    let opaque: JSONValue = [
      "type": "object",
      "properties": [
        "a": ["x-kubernetes-preserve-unknown-fields": true, "x-kubernetes-validations": [["rule": "self > 0"]]]
      ],
    ]
    #expect(try Self.faults(opaque).map(\.reason) == ["InternalError"])
    // A field that no expression can name has rules of its own.
    let odd: JSONValue = [
      "type": "object",
      "properties": ["a b": ["type": "integer", "x-kubernetes-validations": [["rule": "self > 0"]]]],
    ]
    #expect(try Self.faults(odd) == [])
  }

  // MARK: Costs

  @Test func rulesThatWalkWithoutBoundAreRefused() throws {
    let advice =
      "(try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are "
      + "declared)"
    let rule = "\(Self.path).x-kubernetes-validations[0].rule"
    #expect(
      try Self.faults([["rule": "self.names.map(x, x.size()) == [1]"]]).map(\.description) == [
        "\(rule): Forbidden: estimated rule cost exceeds budget by factor of 1.468007x \(advice)"
      ])
    #expect(
      try Self.faults([["rule": "self.names.all(x, self.names.all(y, x == y))"]]).map(\.description) == [
        "\(rule): Forbidden: estimated rule cost exceeds budget by factor of more than 100x \(advice)",
        "\(rule): Forbidden: contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema",
        "spec.validation.openAPIV3Schema: Forbidden: x-kubernetes-validations estimated rule cost total for entire "
          + "OpenAPIv3 schema exceeds budget by factor of more than 100x \(advice)",
      ])
    let bounded: JSONValue = [
      "properties": ["names": ["maxItems": 10, "items": ["maxLength": 10]]]
    ]
    #expect(
      try Self.faults(
        [["rule": "self.names.all(x, self.names.all(y, x == y))"]], spec: Self.spec.applying(mergePatch: bounded)) == []
    )
  }

  @Test func whatARuleCostsCountsForEveryElement() throws {
    func faults(_ count: JSONValue?) throws -> [String] {
      var list: JSONValue = [
        "type": "array",
        "items": Self.spec.applying(mergePatch: ["x-kubernetes-validations": [["rule": "self.up > 0"]]]),
      ]
      list["maxItems"] = count
      return try Self.faults(["type": "object", "properties": ["l": list]]).map(\.message)
    }
    #expect(try faults(3_000_000) == [])
    #expect(try faults(4_000_000).first?.contains("by factor of 1.200000x") == true)
    // Without a bound, no more than fit one request.
    #expect(try faults(nil) == [])
  }

  // MARK: Defaults

  private static func step(_ value: JSONValue, _ rules: JSONValue...) -> JSONValue {
    [
      "type": "object",
      "properties": [
        "step": [
          "type": "object", "default": value, "x-kubernetes-validations": .array(rules),
          "properties": ["up": ["type": "integer", "default": 1], "down": ["type": "integer", "default": 1]],
        ]
      ],
    ]
  }

  @Test(
    arguments: [
      (
        Self.step([:], ["rule": "self.up > 0 || self.down > 0", "message": "M"]),
        ["default: Invalid value: \"object\": no such key: up evaluating rule: M"]
      ),
      (
        Self.step(["up": 0, "down": 0], ["rule": "self.up > 0 || self.down > 0", "message": "M"]),
        ["default: Invalid value: M"]
      ),
      (Self.step(["up": 1], ["rule": "self.up > 0 || self.down > 0", "message": "M"]), []),
      (Self.step(["down": 1], ["rule": "self.up > 0 || self.down > 0", "message": "M"]), []),
      (Self.step(["up": 0], ["rule": "self.up > 0"]), ["default: Invalid value: failed rule: self.up > 0"]),
      (
        Self.step(["up": 0], ["rule": "self.up > 0", "messageExpression": "'up is ' + string(self.up)"]),
        ["default: Invalid value: up is 0"]
      ),
      (
        Self.step(["up": 0], ["rule": "self.up > 0", "messageExpression": "string(self.down)", "message": "M"]),
        ["default: Invalid value: M"]
      ),
      (
        Self.step(["up": 0], ["rule": "self.up > 0", "fieldPath": ".up", "message": "M"]),
        ["default.up: Invalid value: M"]
      ),
      (
        Self.step(["up": 0], ["rule": "1 / self.up > 0", "message": "M"]),
        ["default: Invalid value: \"object\": division by zero evaluating rule: M"]
      ),
      (Self.step(["up": 0], ["rule": "self.up > oldSelf.up", "message": "M"]), ["default: Invalid value: M"]),
      (
        Self.step(["up": 0], ["rule": "oldSelf.hasValue()", "optionalOldSelf": true, "message": "M"]),
        ["default: Invalid value: M"]
      ),
      (
        Self.step(["up": 0], ["rule": "self.left > 0"]),
        [
          "default: Invalid value: \"object\": rule compile error: compilation failed: ERROR: <input>:1:5: undefined field 'left'\n | self.left > 0\n | ....^"
        ]
      ),
      (
        Self.step(["up": 0, "x": 1], ["rule": "self.up > 0", "message": "M"]),
        ["default: Invalid value: {\"up\":0,\"x\":1}: must not have unknown fields", "default: Invalid value: M"]
      ),
      (
        Self.step(["up": "a"], ["rule": "self.up > 0", "message": "M"]),
        ["default.up: Invalid value: \"string\": up in body must be of type integer: \"string\""]
      ),
      (
        Self.step(["up": 9_223_372_036_854_775_807], ["rule": "self.up + 1 > 0", "message": "M"]),
        ["default: Invalid value: \"object\": integer overflow evaluating rule: M"]
      ),
    ] as [(JSONValue, [String])]) func defaultsAreJudgedAsTheyAreWritten(spec: JSONValue, expected: [String]) throws
  {
    let path = "\(Self.path).properties[step]."
    #expect(try Self.faults(spec).map { String($0.description.dropFirst(path.count)) } == expected)
  }

  @Test func defaultsAreJudgedByTheRulesWithinThem() throws {
    func faults(_ fields: JSONValue) throws -> [String] {
      try Self.faults(["type": "object", "properties": fields]).map {
        String($0.description.dropFirst(Self.path.count + ".properties".count))
      }
    }
    let positive: JSONValue = ["type": "integer", "x-kubernetes-validations": [["rule": "self > 3", "message": "M"]]]
    #expect(try faults(["n": positive.applying(mergePatch: ["default": 0])]) == ["[n].default: Invalid value: 0: M"])
    #expect(
      try faults(["l": ["type": "array", "maxItems": 5, "items": positive, "default": [1, 5, 2]]])
        == ["[l].default[0]: Invalid value: 1: M", "[l].default[2]: Invalid value: 2: M"])
    #expect(
      try faults(["m": ["type": "object", "maxProperties": 5, "additionalProperties": positive, "default": ["k": 0]]])
        == ["[m].default[k]: Invalid value: 0: M"])
    #expect(
      try faults(["l": ["type": "array", "items": positive.applying(mergePatch: ["default": 0])]])
        == ["[l].items.default: Invalid value: 0: M"])
    let mixed: JSONValue = [
      "x-kubernetes-int-or-string": true, "default": "a",
      "x-kubernetes-validations": [["rule": "self > 0", "message": "M"]],
    ]
    let noOverload = "call arguments did not match a supported operator, function or macro signature for rule: M"
    #expect(try faults(["n": mixed]) == ["[n].default: Invalid value: \"\": 'no such overload': \(noOverload)"])
  }

  @Test func defaultsFitTheirSchemas() throws {
    func fault(_ schema: JSONValue) throws -> String? {
      try Self.faults(["type": "object", "properties": ["n": schema]]).first.map {
        String($0.description.dropFirst(Self.path.count + ".properties[n].".count))
      }
    }
    #expect(
      try fault(["type": "integer", "default": "a"])
        == "default: Invalid value: \"string\":  in body must be of type integer: \"string\"")
    #expect(
      try fault(["type": "integer", "minimum": 3, "default": 1])
        == "default: Invalid value: 1:  in body should be greater than or equal to 3")
    #expect(
      try fault(["type": "array", "items": ["type": "integer"], "maxItems": 1, "default": [1, 2]])
        == "default: Too many: 2: must have at most 1 item")
    #expect(
      try fault(["type": "array", "items": ["type": "integer"], "default": ["a"]])
        == "default.[0]: Invalid value: \"string\": [0] in body must be of type integer: \"string\"")
    #expect(
      try fault([
        "type": "object", "properties": ["x": ["type": "integer", "default": 3]], "required": ["x"], "default": [:],
      ])
        == "default.x: Required value")
    #expect(try fault(["type": "integer", "nullable": true, "default": nil]) == nil)
    let set: JSONValue = ["type": "array", "items": ["type": "string"], "x-kubernetes-list-type": "set"]
    #expect(try fault(set.applying(mergePatch: ["default": ["a", "a"]])) == nil)
    #expect(
      try fault(["type": "object", "x-kubernetes-preserve-unknown-fields": true, "default": ["a": 1]]) == nil)
  }

  // MARK: Versions

  @Test func faultsLieInTheVersionUnlessAllVersionsAreAlike() async throws {
    func causes(_ specs: JSONValue...) async throws -> [String] {
      let server = try await EmbeddedAPIServer.inMemory()
      defer { server.close() }
      let definition: JSONValue = [
        "metadata": ["name": "stairs.rules.example.com"],
        "spec": [
          "group": "rules.example.com", "scope": "Namespaced", "names": ["plural": "stairs", "kind": "Stair"],
          "versions": .array(
            specs.enumerated().map { index, spec in
              [
                "name": .string("v\(index + 1)"), "served": true, "storage": .bool(index == 0),
                "schema": ["openAPIV3Schema": ["type": "object", "properties": ["spec": spec]]],
              ]
            }),
        ],
      ]
      let answer = try await server.send(
        .post, "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", definition)
      #expect(answer.status == 422)
      return (answer.json["details"]?["causes"]?.arrayValue ?? []).map { $0["field"]?.stringValue ?? "" }
    }
    let bad = Self.step([:], ["rule": "self.up > 0"])
    let worse = Self.step(["up": 0], ["rule": "self.up > 0"])
    let rest = "schema.openAPIV3Schema.properties[spec].properties[step].default"
    #expect(
      try await causes(bad, bad) == ["spec.validation.openAPIV3Schema.properties[spec].properties[step].default"])
    #expect(try await causes(bad, worse) == ["spec.versions[0].\(rest)", "spec.versions[1].\(rest)"])
  }
}
