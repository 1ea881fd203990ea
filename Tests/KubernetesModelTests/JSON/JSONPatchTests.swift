import KubernetesModel
import Testing

struct JSONPatchTests {
  private func json(_ text: String) throws -> JSONValue { try JSONValue(parsing: Array(text.utf8)) }

  @Test(arguments: [
    (#"{"foo":"bar"}"#, #"[{"op":"add","path":"/baz","value":"qux"}]"#, #"{"baz":"qux","foo":"bar"}"#),
    (#"{"foo":["bar","baz"]}"#, #"[{"op":"add","path":"/foo/1","value":"qux"}]"#, #"{"foo":["bar","qux","baz"]}"#),
    (#"{"foo":["bar"]}"#, #"[{"op":"add","path":"/foo/-","value":["x"]}]"#, #"{"foo":["bar",["x"]]}"#),
    (#"{"baz":"qux","foo":"bar"}"#, #"[{"op":"remove","path":"/baz"}]"#, #"{"foo":"bar"}"#),
    (#"{"foo":["a","b"]}"#, #"[{"op":"remove","path":"/foo/0"}]"#, #"{"foo":["b"]}"#),
    (#"{"baz":"qux"}"#, #"[{"op":"replace","path":"/baz","value":1}]"#, #"{"baz":1}"#),
    (
      #"{"foo":{"bar":"baz","waldo":"fred"},"qux":{}}"#, #"[{"op":"move","from":"/foo/waldo","path":"/qux/t"}]"#,
      #"{"foo":{"bar":"baz"},"qux":{"t":"fred"}}"#
    ),
    (#"{"foo":[1,2,3]}"#, #"[{"op":"move","from":"/foo/0","path":"/foo/2"}]"#, #"{"foo":[2,3,1]}"#),
    (#"{"a":{"b":1}}"#, #"[{"op":"copy","from":"/a","path":"/c"}]"#, #"{"a":{"b":1},"c":{"b":1}}"#),
    (#"{"a":1}"#, #"[{"op":"test","path":"/a","value":1.0}]"#, #"{"a":1}"#),
    (#"{"a":1}"#, #"[{"op":"replace","path":"","value":[]}]"#, #"[]"#),
    (#"{"a/b":1,"m~n":2}"#, #"[{"op":"remove","path":"/a~1b"},{"op":"remove","path":"/m~0n"}]"#, #"{}"#),
    (#"{"":1}"#, #"[{"op":"replace","path":"/","value":2}]"#, #"{"":2}"#),
    (#"{"a":null}"#, #"[{"op":"test","path":"/a","value":null}]"#, #"{"a":null}"#),
  ]) func applies(document: String, patch: String, result: String) throws {
    let patch = try JSONPatch(self.json(patch))
    #expect(try self.json(document).applying(patch) == self.json(result))
    #expect(try JSONPatch(patch.json) == patch)
  }

  @Test(arguments: [
    (#"[{"op":"remove","path":"/missing"}]"#, JSONPatchError.Code.notFound),
    (#"[{"op":"replace","path":"/missing","value":1}]"#, .notFound),
    (#"[{"op":"add","path":"/missing/x","value":1}]"#, .notFound),
    (#"[{"op":"add","path":"/list/3","value":1}]"#, .notFound),
    (#"[{"op":"add","path":"/list/01","value":1}]"#, .notFound),
    (#"[{"op":"add","path":"/list/x","value":1}]"#, .notFound),
    (#"[{"op":"remove","path":"/list/2"}]"#, .notFound), (#"[{"op":"remove","path":"/list/-"}]"#, .notFound),
    (#"[{"op":"add","path":"/text/x","value":1}]"#, .notFound),
    (#"[{"op":"copy","from":"/missing","path":"/x"}]"#, .notFound),
    (#"[{"op":"test","path":"/text","value":"other"}]"#, .testFailed),
    (#"[{"op":"move","from":"/list","path":"/list/0"}]"#, .malformed),
  ]) func fails(patch: String, code: JSONPatchError.Code) throws {
    let document = try self.json(#"{"list":[1,2],"text":"t"}"#)
    let patch = try JSONPatch(self.json(patch))
    #expect {
      try document.applying(patch)
    } throws: {
      ($0 as? JSONPatchError)?.code == code && ($0 as? JSONPatchError)?.operation == 0
    }
  }

  @Test(arguments: [
    "{}", "[1]", #"[{"op":"jump","path":"/a"}]"#, #"[{"op":"add","path":"/a"}]"#, #"[{"op":"remove"}]"#,
    #"[{"op":"remove","path":"a"}]"#, #"[{"op":"remove","path":"/~2"}]"#, #"[{"op":"move","path":"/a"}]"#,
    #"[{"op":"remove","path":"/a~"}]"#,
  ]) func refusesToRead(patch: String) throws {
    let json = try self.json(patch)
    #expect {
      try JSONPatch(json)
    } throws: {
      ($0 as? JSONPatchError)?.code == .malformed
    }
  }

  @Test func boundsOperationsAndCopies() throws {
    let operation: JSONValue = ["op": "test", "path": "/a", "value": 1]
    let document: JSONValue = ["a": 1]
    _ = try document.applying(JSONPatch(.array(Array(repeating: operation, count: 10_000))))
    #expect(throws: JSONPatchError.self) { try JSONPatch(.array(Array(repeating: operation, count: 10_001))) }

    let doubling = (0..<60).map { JSONPatch.Operation.copy(from: JSONPointer(tokens: []), to: JSONPointer("/x\($0)")!) }
    #expect {
      try document.applying(JSONPatch(doubling))
    } throws: {
      ($0 as? JSONPatchError)?.code == .tooLarge
    }
  }

  @Test func aFailedPatchChangesNothing() throws {
    let document: JSONValue = ["a": ["b": 1]]
    let patch = JSONPatch([.remove(JSONPointer("/a/b")!), .remove(JSONPointer("/a/c")!)])
    #expect(throws: JSONPatchError.self) { try document.applying(patch) }
    #expect(document == ["a": ["b": 1]])
  }
}

struct JSONMergePatchTests {
  /// The examples of RFC 7396, appendix A.
  @Test(arguments: [
    (#"{"a":"b"}"#, #"{"a":"c"}"#, #"{"a":"c"}"#), (#"{"a":"b"}"#, #"{"b":"c"}"#, #"{"a":"b","b":"c"}"#),
    (#"{"a":"b"}"#, #"{"a":null}"#, #"{}"#), (#"{"a":"b","b":"c"}"#, #"{"a":null}"#, #"{"b":"c"}"#),
    (#"{"a":["b"]}"#, #"{"a":"c"}"#, #"{"a":"c"}"#), (#"{"a":"c"}"#, #"{"a":["b"]}"#, #"{"a":["b"]}"#),
    (#"{"a":{"b":"c"}}"#, #"{"a":{"b":"d","c":null}}"#, #"{"a":{"b":"d"}}"#),
    (#"{"a":[{"b":"c"}]}"#, #"{"a":[1]}"#, #"{"a":[1]}"#), (#"["a","b"]"#, #"["c","d"]"#, #"["c","d"]"#),
    (#"{"a":"b"}"#, #"["c"]"#, #"["c"]"#), (#"{"a":"foo"}"#, "null", "null"), (#"{"a":"foo"}"#, #""bar""#, #""bar""#),
    (#"{"e":null}"#, #"{"a":1}"#, #"{"a":1,"e":null}"#), ("[1,2]", #"{"a":"b","c":null}"#, #"{"a":"b"}"#),
    ("{}", #"{"a":{"bb":{"ccc":null}}}"#, #"{"a":{"bb":{}}}"#),
  ]) func applies(document: String, patch: String, result: String) throws {
    let merged = try JSONValue(parsing: Array(document.utf8)).applying(
      mergePatch: JSONValue(parsing: Array(patch.utf8)))
    #expect(try merged == JSONValue(parsing: Array(result.utf8)))
  }
}

struct JSONPointerTests {
  @Test func findsTheExamplesOfRFC6901() throws {
    let document = try JSONValue(
      parsing: Array(
        #"{"foo":["bar","baz"],"":0,"a/b":1,"c%d":2,"e^f":3,"g|h":4,"i\\j":5,"k\"l":6," ":7,"m~n":8}"#.utf8))
    let expected: [String: JSONValue] = [
      "": document, "/foo": ["bar", "baz"], "/foo/0": "bar", "/": 0, "/a~1b": 1, "/c%d": 2, "/e^f": 3, "/g|h": 4,
      "/i\\j": 5, "/k\"l": 6, "/ ": 7, "/m~0n": 8,
    ]
    for (text, value) in expected {
      let pointer = try #require(JSONPointer(text))
      #expect(document[pointer] == value)
      #expect(pointer.description == text)
    }
    #expect(document[JSONPointer("/foo/2")!] == nil)
    #expect(JSONPointer("foo") == nil)
    #expect(JSONPointer(String(repeating: "/a", count: 201)) == nil)
  }
}
