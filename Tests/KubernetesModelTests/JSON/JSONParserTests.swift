import KubernetesModel
import Testing

struct JSONParserTests {
  private func parse(_ text: String) throws(JSONError) -> JSONValue { try JSONValue(parsing: Array(text.utf8)) }

  private static let texts: [(String, JSONValue)] = [
    ("null", nil), (" true\n", true), ("false", false), ("0", 0), ("-0", 0), ("12", 12),
    ("9223372036854775807", .integer(.max)), ("-9223372036854775808", .integer(.min)),
    ("9223372036854775808", .double(9_223_372_036_854_775_808)), ("1.5", 1.5), ("1e3", .double(1000)),
    ("-2.5E-1", -0.25), ("\"a\"", "a"), ("[]", .array([])), ("{}", .object([:])),
    ("[1,[2,{\"a\":null}]]", [1, [2, ["a": nil]]]),
    (#""\"\\\/\b\f\n\r\t\u0041\u00e9\ud83d\ude00""#, "\"\\/\u{8}\u{C}\n\r\tA\u{E9}\u{1F600}"),
  ]

  @Test(arguments: Self.texts) func reads(text: String, value: JSONValue) throws {
    #expect(try self.parse(text) == value)
  }

  @Test(arguments: [
    ("", JSONError.Code.endOfInput, 0), ("{not json", .syntax, 1), ("[1,]", .syntax, 3), ("{\"a\":1,}", .syntax, 7),
    ("01", .trailing, 1), ("1.", .endOfInput, 2), ("1.x", .number, 2), ("-", .endOfInput, 1), ("+1", .syntax, 0),
    ("1e999", .number, 0), ("tru", .endOfInput, 3), ("trux", .syntax, 3), ("\"a", .endOfInput, 2),
    ("\"\u{1}\"", .string, 1), (#""\x""#, .string, 2), (#""\ud800""#, .string, 7), (#""\ud800\u0041""#, .string, 13),
    (#""\u00g0""#, .string, 5), ("1 2", .trailing, 2), ("NaN", .syntax, 0), ("{'a':1}", .syntax, 1),
    ("[1 2]", .syntax, 3), ("{\"a\" 1}", .syntax, 5),
  ]) func refuses(text: String, code: JSONError.Code, offset: Int) {
    #expect {
      try self.parse(text)
    } throws: {
      ($0 as? JSONError)?.code == code && ($0 as? JSONError)?.offset == offset
    }
  }

  @Test func refusesBytesThatAreNotUTF8() {
    #expect(throws: JSONError.self) { try JSONValue(parsing: [0x22, 0xFF, 0x22]) }
    #expect(throws: JSONError.self) { try JSONValue(parsing: [0x22, 0x5C, 0x6E, 0xC0, 0x80, 0x22]) }
  }

  @Test func boundsTheDepth() throws {
    let deep = String(repeating: "[", count: 200) + String(repeating: "]", count: 200)
    _ = try self.parse(deep)
    #expect {
      try self.parse("[\(deep)]")
    } throws: {
      ($0 as? JSONError)?.code == .depth
    }
    #expect(throws: JSONError.self) { try self.parse(String(repeating: "[", count: 1_000_000)) }
  }

  @Test func reportsRepeatedKeysAndKeepsTheLast() throws {
    let document = try JSONDocument(parsing: Array(#"{"a":1,"b":[{"c":1,"c":2}],"a":3}"#.utf8))
    #expect(document.value == ["a": 3, "b": [["c": 2]]])
    #expect(document.duplicateFields == ["b[0].c", "a"])
  }

  @Test func everyPrefixOfATextIsRefusedWithoutTrapping() {
    let bytes = Array(#"{"a":[1.5e3,"x\u0041\n",{"b":null}],"c":true}"#.utf8)
    for length in 0..<bytes.count {
      #expect(throws: JSONError.self) { try JSONValue(parsing: Array(bytes[..<length])) }
    }
  }

  @Test func serializesWithKeysInOrder() throws {
    let value: JSONValue = ["b": [1, 2.5, nil, true], "a": "q\"\\\n\u{1}é", "c": .integer(.max)]
    let text = String(decoding: value.serialized(), as: UTF8.self)
    #expect(text == #"{"a":"q\"\\\n\u0001é","b":[1,2.5,null,true],"c":9223372036854775807}"#)
    #expect(try JSONValue(parsing: value.serialized()) == value)
    #expect(JSONValue.double(.infinity).serialized() == Array("null".utf8))
  }
}
