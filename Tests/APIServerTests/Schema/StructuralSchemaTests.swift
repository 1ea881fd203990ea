import KubernetesModel
import Testing

@testable import APIServer

struct StructuralSchemaTests {
  private func json(_ text: String) throws -> JSONValue { try JSONValue(parsing: Array(text.utf8)) }

  private func schema(_ text: String) throws -> StructuralSchema { try StructuralSchema(self.json(text)) }

  private func faults(_ schema: String, _ value: String) throws -> [String] {
    try self.schema(schema).faults(in: self.json(value), path: "x").map { "\($0.field): \($0.reason): \($0.message)" }
  }

  @Test func everyBuiltInSchemaCanBeRead() {
    for schema in [
      BuiltInSchemas.metadata, BuiltInSchemas.configMap, BuiltInSchemas.secret, BuiltInSchemas.namespace,
      BuiltInSchemas.lease, BuiltInSchemas.event, BuiltInSchemas.pod, BuiltInSchemas.service, BuiltInSchemas.node,
      BuiltInSchemas.customResourceDefinition, BuiltInSchemas.mutatingWebhookConfiguration,
      BuiltInSchemas.validatingWebhookConfiguration,
    ] {
      #expect(schema != nil)
    }
  }

  private static let cases: [(String, String, String)] = [
    (#"{"type":"string"}"#, #""a""#, ""),
    (
      #"{"type":"string"}"#, "1",
      #"x: FieldValueTypeInvalid: Invalid value: "integer": x in body must be of type string: "integer""#
    ),
    (
      #"{"type":"integer"}"#, "1.5",
      #"x: FieldValueTypeInvalid: Invalid value: "number": x in body must be of type integer: "number""#
    ),
    (#"{"type":"number"}"#, "1", ""), (#"{"type":"integer"}"#, "1.0", ""),
    (#"{"type":"string","nullable":true}"#, "null", ""),
    (
      #"{"type":"integer","minimum":2}"#, "1",
      "x: FieldValueInvalid: Invalid value: 1: x in body should be greater than or equal to 2"
    ),
    (
      #"{"type":"integer","maximum":2,"exclusiveMaximum":true}"#, "2",
      "x: FieldValueInvalid: Invalid value: 2: x in body should be less than 2"
    ),
    (
      #"{"type":"number","multipleOf":0.5}"#, "0.7",
      "x: FieldValueInvalid: Invalid value: 0.7: x in body should be a multiple of 0.5"
    ),
    (
      #"{"type":"string","minLength":2}"#, #""é""#,
      #"x: FieldValueInvalid: Invalid value: "é": x in body should be at least 2 chars long"#
    ),
    (#"{"type":"string","maxLength":1}"#, #""ab""#, "x: FieldValueTooLong: Too long: may not be more than 1 bytes"),
    (
      #"{"type":"array","items":{"type":"integer"},"maxItems":1}"#, "[1,2]",
      "x: FieldValueTooMany: Too many: 2: must have at most 1 item"
    ),
    (
      #"{"type":"array","items":{"type":"string"},"x-kubernetes-list-type":"set"}"#, #"["a","b","a"]"#,
      #"x[2]: FieldValueDuplicate: Duplicate value: "a""#
    ),
    (
      #"{"type":"array","x-kubernetes-list-type":"map","x-kubernetes-list-map-keys":["k"],"items":{"type":"object","properties":{"k":{"type":"string","default":"d"}}}}"#,
      #"[{"k":"d"},{}]"#, #"x[1]: FieldValueDuplicate: Duplicate value: {"k":"d"}"#
    ),
    (#"{"x-kubernetes-int-or-string":true}"#, #""25%""#, ""), (#"{"x-kubernetes-int-or-string":true}"#, "3", ""),
    (
      #"{"x-kubernetes-int-or-string":true}"#, "true",
      #"x: FieldValueTypeInvalid: Invalid value: "boolean": x in body must be of type integer,string: "boolean""#
    ),
    (
      #"{"type":"object","required":["a"],"properties":{"a":{"type":"string"}}}"#, "{}",
      "x.a: FieldValueRequired: Required value"
    ),
    (
      #"{"type":"string","format":"date-time"}"#, #""today""#,
      #"x: FieldValueTypeInvalid: Invalid value: "today": x in body must be of type date-time: "today""#
    ),
    (
      #"{"type":"integer","enum":[1,2]}"#, "3",
      #"x: FieldValueNotSupported: Unsupported value: 3: supported values: "1", "2""#
    ),
    (
      #"{"type":"number","minimum":0,"exclusiveMinimum":true}"#, "0",
      "x: FieldValueInvalid: Invalid value: 0: x in body should be greater than 0"
    ),
    (
      #"{"type":"object","maxProperties":1,"additionalProperties":{"type":"string"}}"#, #"{"a":1,"b":2}"#,
      "x: FieldValueTooMany: Too many: 2: must have at most 1 item"
    ),
    (
      #"{"type":"array","items":{"type":"string"},"minItems":1,"uniqueItems":true}"#, "[]",
      "x: FieldValueInvalid: Invalid value: 0: x in body should have at least 1 items"
    ),
    (
      #"{"type":"array","items":{"type":"string"},"uniqueItems":true}"#, #"["a","a"]"#,
      #"x: FieldValueInvalid: Invalid value: ["a","a"]: x in body shouldn't contain duplicates"#
    ),
    (#"{"type":"integer","format":"int32"}"#, "1099511627776", ""),
    (
      #"{"type":"string","maxLength":2,"pattern":"^b"}"#, #""aaa""#,
      "x: FieldValueTooLong: Too long: may not be more than 2 bytes"
    ),
    (
      #"{"type":"array","x-kubernetes-list-type":"map","x-kubernetes-list-map-keys":["p","q"],"items":{"type":"object","properties":{"p":{"type":"integer"},"q":{"type":"string","default":"TCP"}}}}"#,
      #"[{"p":1},{"p":1,"q":"UDP"},{"p":1,"q":"TCP"}]"#,
      #"x[2]: FieldValueDuplicate: Duplicate value: {"p":1,"q":"TCP"}"#
    ),
    (
      #"{"type":"object","oneOf":[{"required":["a"]},{"required":["b"]}]}"#, #"{"a":1,"b":1}"#,
      #"<nil>: FieldValueInvalid: Invalid value: "": "x" must validate one and only one schema (oneOf). Found 2 valid alternatives"#
    ),
    (
      #"{"type":"string","not":{"enum":["bad"]}}"#, #""bad""#,
      #"<nil>: FieldValueInvalid: Invalid value: "": "x" must not validate the schema (not)"#
    ),
    (
      #"{"type":"object","additionalProperties":{"type":"string"},"minProperties":1}"#, "{}",
      "x: FieldValueInvalid: Invalid value: 0: x in body should have at least 1 properties"
    ),
  ]

  @Test(arguments: Self.cases) func validates(schema: String, value: String, fault: String) throws {
    #expect(try self.faults(schema, value) == (fault.isEmpty ? [] : [fault]))
  }

  @Test func everyCheckIsMadeWhateverTheOthersFound() throws {
    #expect(
      try self.faults(#"{"type":"string","enum":["a"]}"#, "5") == [
        #"x: FieldValueTypeInvalid: Invalid value: "integer": x in body must be of type string: "integer""#,
        #"x: FieldValueNotSupported: Unsupported value: 5: supported values: "a""#,
      ])
    #expect(
      try self.faults(#"{"type":"string","nullable":true,"enum":["a"]}"#, "null") == [
        #"x: FieldValueNotSupported: Unsupported value: null: supported values: "a""#
      ])
  }

  @Test func ofAlternativesTheClosestTellsWhatIsMissing() throws {
    let schema =
      #"{"type":"object","properties":{"a":{"type":"object"}},"anyOf":[{"required":["b"]},{"properties":{"a":{"required":["c"],"properties":{"d":{"type":"string"}}}}}]}"#
    #expect(
      try self.faults(schema, #"{"a":{"d":"x"}}"#) == [
        #"<nil>: FieldValueInvalid: Invalid value: "": "x" must validate at least one schema (anyOf)"#,
        "x.a.c: FieldValueRequired: Required value",
      ])
    #expect(
      try self.faults(#"{"type":"string","allOf":[{"minLength":2},{"maxLength":4}]}"#, #""a""#) == [
        #"x: FieldValueInvalid: Invalid value: "a": x in body should be at least 2 chars long"#,
        #"<nil>: FieldValueInvalid: Invalid value: "": "x" must validate all the schemas (allOf)"#,
      ])
  }

  @Test func whatWasThereBeforeMayStay() throws {
    let schema = try self.schema(
      #"""
      {"type":"object","required":["r"],"properties":{
        "r":{"type":"string","maxLength":1},
        "l":{"type":"array","x-kubernetes-list-type":"map","x-kubernetes-list-map-keys":["k"],
             "items":{"type":"object","properties":{"k":{"type":"string"},"v":{"type":"string","maxLength":1}}}},
        "s":{"type":"array","x-kubernetes-list-type":"set","items":{"type":"string"}}}}
      """#)
    let old = try self.json(#"{"r":"long","l":[{"k":"a","v":"long"}],"s":["x","x"]}"#)
    let same = try self.json(#"{"r":"long","l":[{"k":"b"},{"k":"a","v":"long"}],"s":["x","x","y"]}"#)
    #expect(schema.faults(in: same, replacing: old, path: "o") == [])
    let worse = try self.json(#"{"r":"longer","l":[{"k":"a","v":"longer"}],"s":["x"]}"#)
    #expect(schema.faults(in: worse, replacing: old, path: "o").map(\.field) == ["o.l[0].v", "o.r"])
    #expect(schema.faults(in: try self.json("{}"), replacing: old, path: "o").map(\.field) == ["o.r"])
  }

  @Test func embeddedResourcesHaveATypeAndMetadata() throws {
    let schema = try self.schema(
      #"{"type":"object","properties":{"e":{"type":"object","x-kubernetes-embedded-resource":true,"x-kubernetes-preserve-unknown-fields":true}}}"#
    )
    func faults(_ value: String) throws -> [String] {
      schema.faults(in: try self.json(value)).map { "\($0.field): \($0.reason)" }
    }
    #expect(try faults(#"{"e":{"x":1}}"#) == ["e.apiVersion: FieldValueRequired", "e.kind: FieldValueRequired"])
    #expect(
      try faults(#"{"e":{"apiVersion":"a/b/c","kind":"No kind","metadata":{"name":"a/b","labels":{"-":"x"}}}}"#) == [
        "e.apiVersion: FieldValueInvalid", "e.kind: FieldValueInvalid", "e.metadata.name: FieldValueInvalid",
        "e.metadata.labels: FieldValueInvalid",
      ])
    #expect(
      try faults(#"{"e":{"apiVersion":"v1","kind":"Pod","metadata":{"labels":{"a":1}}}}"#) == [
        "e.metadata: FieldValueInvalid"
      ])
    #expect(try faults(#"{"e":{"apiVersion":"v1","kind":"Pod","metadata":{"name":"p"},"spec":{}}}"#) == [])
    var value = try self.json(#"{"e":{"apiVersion":"v1","kind":"Pod","metadata":{"name":"p","other":1}}}"#)
    #expect(schema.prune(&value) == ["e.metadata.other"])
  }

  @Test(arguments: [
    ("ipv6", "::1", true), ("ipv6", "2001:db8::8:800:200c:417a", true), ("ipv6", "::ffff:1.2.3.4", true),
    ("ipv6", "1:2:3:4:5:6:7:8", true), ("ipv6", "1:2:3:4:5:6:7:8:9", false), ("ipv6", "1:::2", false),
    ("ipv6", "1.2.3.4", false), ("cidr", "10.0.0.0/8", true), ("cidr", "10.0.0.0/33", false), ("cidr", "::/0", true),
    ("cidr", "10.0.0.0", false), ("mac", "01:23:45:67:89:ab", true), ("mac", "0123.4567.89ab", true),
    ("mac", "01:23:45", false), ("email", "a@b.example", true), ("email", "a b@c", false), ("email", "ab", false),
    ("unknown-to-all", "anything", true),
  ]) func knowsFormats(format: String, text: String, fits: Bool) throws {
    let found = try self.faults(#"{"type":"string","format":"\#(format)"}"#, "\"\(text)\"")
    #expect(found.isEmpty == fits)
  }

  @Test func nullStaysWhereNoDefaultTakesItsPlace() throws {
    let schema = try self.schema(#"{"type":"object","additionalProperties":{"type":"string"}}"#)
    var value = try self.json(#"{"a":null}"#)
    schema.applyDefaults(to: &value)
    #expect(schema.faults(in: value, path: "x").map(\.field) == ["x.a"])
  }

  @Test func defaultsGoAllTheWayDown() throws {
    let schema = try self.schema(
      #"""
      {"type":"object","properties":{
        "a":{"type":"integer","default":1},"n":{"type":"string","nullable":true,"default":"x"},
        "o":{"type":"object","default":{},"properties":{"b":{"type":"string","default":"y"}}},
        "l":{"type":"array","items":{"type":"object","properties":{"c":{"type":"integer","default":7}}}},
        "m":{"type":"object","additionalProperties":{"type":"object","properties":{"d":{"type":"boolean","default":true}}}}}}
      """#)
    var value = try self.json(#"{"a":null,"n":null,"l":[{},{"c":1}],"m":{"k":{}},"u":null}"#)
    schema.applyDefaults(to: &value)
    #expect(
      try value
        == self.json(#"{"a":1,"n":null,"o":{"b":"y"},"l":[{"c":7},{"c":1}],"m":{"k":{"d":true}},"u":null}"#))
  }

  @Test func pruningKeepsWhatTheSchemaKeeps() throws {
    let schema = try self.schema(
      #"""
      {"type":"object","properties":{
        "free":{"type":"object","x-kubernetes-preserve-unknown-fields":true,"properties":{"s":{"type":"object","properties":{"t":{"type":"string"}}}}},
        "pod":{"type":"object","x-kubernetes-embedded-resource":true,"properties":{"spec":{"type":"object"}}},
        "map":{"type":"object","additionalProperties":{"type":"object","properties":{"k":{"type":"string"}}}},
        "list":{"type":"array","items":{"type":"object","properties":{"k":{"type":"string"}}}}}}
      """#)
    var value = try self.json(
      #"""
      {"apiVersion":"v1","kind":"K","metadata":{"name":"x"},"gone":1,"free":{"any":1,"s":{"t":"","gone":1}},
       "pod":{"apiVersion":"v1","kind":"Pod","metadata":{"name":"x"},"gone":1,"spec":{"gone":1}},
       "map":{"a":{"k":"","gone":1}},"list":[{"k":""},{"gone":1}]}
      """#)
    let unknown = schema.prune(&value, isResource: true)
    #expect(unknown == ["free.s.gone", "gone", "list[1].gone", "map.a.gone", "pod.gone", "pod.spec.gone"])
    #expect(
      try value
        == self.json(
          #"""
          {"apiVersion":"v1","kind":"K","metadata":{"name":"x"},"free":{"any":1,"s":{"t":""}},
           "pod":{"apiVersion":"v1","kind":"Pod","metadata":{"name":"x"},"spec":{}},"map":{"a":{"k":""}},"list":[{"k":""},{}]}
          """#))
  }

  @Test func refusesSchemasThatCannotBeServed() {
    for text in [#"{"type":"thing"}"#, #"{"type":"object","properties":{"a":{"pattern":"("}}}"#, "[]"] {
      #expect(throws: SchemaFault.self) { try self.schema(text) }
    }
  }
}
