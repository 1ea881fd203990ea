import KubernetesModel
import Testing

@testable import APIServer

/// A schema with a list of each sort, maps, and a part of which nothing is known.
enum OwnedFixture {
  static func schema() throws -> StructuralSchema {
    try StructuralSchema(
      JSONValue(
        parsing: Array(
          """
          {"type":"object","properties":{
            "l":{"type":"array","x-kubernetes-list-type":"map","x-kubernetes-list-map-keys":["n","p"],
              "items":{"type":"object","properties":{
                "n":{"type":"string"},"p":{"type":"string","default":"TCP"},"v":{"type":"integer"}}}},
            "s":{"type":"array","x-kubernetes-list-type":"set","items":{"type":"string"}},
            "a":{"type":"array","items":{"type":"string"}},
            "m":{"type":"object","additionalProperties":{"type":"string"}},
            "w":{"type":"object","x-kubernetes-map-type":"atomic","additionalProperties":{"type":"string"}},
            "o":{"type":"object","properties":{"x":{"type":"integer"},"y":{"type":"integer"}}},
            "free":{"type":"object","x-kubernetes-preserve-unknown-fields":true}}}
          """.utf8)))
  }

  static func json(_ text: String) throws -> JSONValue { try JSONValue(parsing: Array(text.utf8)) }
}

struct FieldSetTests {
  @Test func setsSurviveTheirWrittenForm() throws {
    let schema = try OwnedFixture.schema()
    let value: JSONValue = ["l": [["n": "a", "v": 1]], "s": ["x"], "m": ["k": "v"], "free": ["deep": ["er": [1]]]]
    let set = FieldSet.of(value, schema)
    #expect(FieldSet(json: set.json) == set)
    #expect(FieldSet(checking: set.json) == set)
    #expect(
      set.paths == [
        ".free.deep", ".free.deep.er", ".l[n=\"a\",p=\"TCP\"]", ".l[n=\"a\",p=\"TCP\"].n",
        ".l[n=\"a\",p=\"TCP\"].v", ".m.k", ".s[=\"x\"]",
      ])
    #expect(set.subtracting(set).isEmpty)
    #expect(set.union(set) == set)
    #expect(set.intersection(FieldSet.of(["m": ["k": "other"]], schema)).paths == [".m.k"])
    var rest = value
    rest.remove(set, keeping: FieldSet(), schema)
    #expect(rest == [:])
  }

  @Test func whatAValueFillsHasItsContainersToo() throws {
    let value: JSONValue = [
      "l": [["n": "a"]], "s": ["x"], "a": ["x"], "m": ["k": "v"], "w": ["k": "v"], "o": ["x": 1], "free": ["k": [:]],
    ]
    let filled = FieldSet.filled(by: value, try OwnedFixture.schema()).json
    #expect(
      filled
        == (try OwnedFixture.json(
          """
          {".":{},"f:l":{".":{},"k:{\\"n\\":\\"a\\",\\"p\\":\\"TCP\\"}":{".":{},"f:n":{}}},
           "f:s":{".":{},"v:\\"x\\"":{}},"f:a":{},"f:m":{".":{},"f:k":{}},"f:w":{},"f:o":{".":{},"f:x":{}},
           "f:free":{".":{},"f:k":{}}}
          """)))
  }

  @Test(arguments: [
    #"{"x":{}}"#, #"{"f:a":[]}"#, #"{"f:a":1}"#, #"{"k:1":{}}"#, #"{"k:{":{}}"#, #"{"v:":{}}"#, #"[]"#,
    #"{"f:a":{"b":{}}}"#,
  ])
  func whatIsNoSetIsNotRead(text: String) throws {
    #expect(FieldSet(checking: try OwnedFixture.json(text)) == nil)
  }

  @Test func stepsAreReadInOneForm() throws {
    let one = FieldSet(checking: try OwnedFixture.json(#"{"k:{ \"b\": 1, \"a\": 2 }":{}}"#))
    #expect(one?.json == (try OwnedFixture.json(#"{"k:{\"a\":2,\"b\":1}":{}}"#)))
  }

  @Test func overlapIsSeenInTheWrittenForm() throws {
    let schema = try OwnedFixture.schema()
    let set = FieldSet.of(["o": ["x": 1], "m": ["k": "v"]], schema)
    #expect(set.intersects(written: FieldSet.of(["m": ["k": ""]], schema).json))
    #expect(!set.intersects(written: FieldSet.of(["m": ["l": ""], "o": ["y": 1]], schema).json))
    // That both go through a field is no overlap, but for a field that both own itself.
    #expect(!set.intersects(written: FieldSet.filled(by: ["o": ["y": 1]], schema).json))
    #expect(FieldSet.filled(by: ["o": ["x": 1]], schema).intersects(written: ["f:o": [:]]))
  }

  @Test func whatOthersKeepStaysWithWhatHoldsIt() throws {
    let schema = try OwnedFixture.schema()
    var value: JSONValue = [
      "l": [["n": "a", "v": 1], ["n": "b"]], "free": ["mine": 1, "theirs": 2], "o": ["x": 1, "y": 2],
    ]
    let mine = FieldSet.of(["l": [["n": "a"], ["n": "b"]], "free": ["mine": 1], "o": ["x": 1]], schema)
    var theirs = FieldSet.of(["free": ["theirs": 2]], schema)
    theirs.children[.field("l")] = FieldSet(children: [.key(["n": "a", "p": "TCP"]): FieldSet(path: ["v"])])
    value.remove(mine, keeping: theirs, schema)
    // An object goes with the last of its fields that anyone owned.
    #expect(value == ["l": [["v": 1]], "free": ["theirs": 2]])
  }
}
