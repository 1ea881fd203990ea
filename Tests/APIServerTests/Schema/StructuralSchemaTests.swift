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
      BuiltInSchemas.metadata, BuiltInSchemas.open, BuiltInSchemas.configMap, BuiltInSchemas.secret,
      BuiltInSchemas.namespace, BuiltInSchemas.lease, BuiltInSchemas.event, BuiltInSchemas.pod,
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
      "x: FieldValueTooMany: Too many: 2: must have at most 1 items"
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
      #"{"type":"object","properties":{"a":{"type":"integer"}},"anyOf":[{"required":["a"]},{"required":["b"]}]}"#, "{}",
      "x: FieldValueInvalid: Invalid value: {}: x in body must validate at least one schema (anyOf)"
    ),
    (
      #"{"type":"object","additionalProperties":{"type":"string"},"minProperties":1}"#, "{}",
      "x: FieldValueInvalid: Invalid value: 0: x in body should have at least 1 properties"
    ),
  ]

  @Test(arguments: Self.cases) func validates(schema: String, value: String, fault: String) throws {
    #expect(try self.faults(schema, value) == (fault.isEmpty ? [] : [fault]))
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
