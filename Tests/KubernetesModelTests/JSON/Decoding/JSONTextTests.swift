import FoundationEssentials
import KubernetesModel
import TestSupport
import Testing

/// Types read from a text are what Foundation's decoder makes of them.
@Suite struct JSONTextTests {
  private func expectSame<Value: Codable>(_ type: Value.Type, _ text: String) throws {
    #expect(throws: Never.self) { try DecodingComparison.outcome(type, Array(text.utf8)) }
  }

  private func decode<Value: Decodable>(_ type: Value.Type, _ text: String) throws -> Value {
    try JSONText(parsing: Array(text.utf8)).decoded(as: type)
  }

  private static let numbers = [
    "0", "-0", "1", "-1", "127", "128", "-128", "-129", "255", "256", "32767", "32768", "65535", "65536", "2147483647",
    "2147483648", "-2147483648", "-2147483649", "4294967295", "4294967296", "9223372036854775807",
    "9223372036854775808", "-9223372036854775808", "-9223372036854775809", "18446744073709551615",
    "18446744073709551616", "1.0", "1.5", "-2.50", "1e3", "12E-1", "0.1", "1e2147483648", "1e300", "1e39",
    "9007199254740991", "9007199254740993", "123456789012345678901234567890", "-0.0", "3.4028236e38", "null", "\"1\"",
    "true", "[]", "{}",
  ]

  @Test(arguments: Self.numbers) func everyTypeOfNumber(text: String) throws {
    func check<Value: Codable>(_ type: Value.Type) throws {
      try self.expectSame(type, text)
      try self.expectSame([Value].self, "[\(text)]")
      try self.expectSame([Value?].self, "[null,\(text)]")
      try self.expectSame([String: Value].self, "{\"a\":\(text)}")
      try self.expectSame(Boxed<Value>.self, "{\"required\":\(text),\"optional\":\(text)}")
      try self.expectSame(Boxed<Value>.self, "{\"required\":\(text),\"optional\":null}")
    }
    try check(Int.self)
    try check(Int8.self)
    try check(Int16.self)
    try check(Int32.self)
    try check(Int64.self)
    try check(UInt.self)
    try check(UInt8.self)
    try check(UInt16.self)
    try check(UInt32.self)
    try check(UInt64.self)
    try check(Double.self)
    try check(Float.self)
    try check(Bool.self)
    try check(String.self)
  }

  @Test func aNumberTooSmallIsNothing() throws {
    #expect(try self.decode([Double].self, "[1e-400,-1e-400]") == [0, 0])
    #expect(try self.decode(JSONValue.self, "1e-400") == (try JSONValue(parsing: Array("1e-400".utf8))))
  }

  private struct Boxed<Value: Codable>: Codable {
    var required: Value
    var optional: Value?
  }

  @Test(arguments: [
    #""""#, #""a""#, #""fifteen bytes..""#, #""sixteen bytes...""#, #""ü€😀""#, #""\"\\\/\b\f\n\r\t""#, #""\u0000x""#,
    #""\u00e9\u20AC\ud83d\uDE00""#, #""a long text with an escape at its end\n""#, #""\ud83d""#, #""\ude00""#,
    #""\ud83dx""#, #""\ud83d\u0041""#, #""\q""#, #""\u12g4""#, "\"\u{1}\"", "\"open", "null", "1", #"{"a":"b"}"#,
  ]) func everySpellingOfAString(text: String) throws {
    try self.expectSame(String.self, text)
    try self.expectSame(String?.self, text)
    try self.expectSame([String].self, "[\(text), \(text)]")
    try self.expectSame([String: String].self, "{\"k\":\(text)}")
    try self.expectSame([String: String].self, "{\(text):\"v\"}")
    try self.expectSame([String: [String]].self, "{\(text):[\(text)]}")
    try self.expectSame(JSONValue.self, "[\(text)]")
  }

  /// A type with everything that a type's own decoding can ask for.
  private struct Demanding: Codable, Equatable {
    enum Shape: Codable, Equatable {
      case point
      case circle(radius: Double)
      case named(String, sides: Int?)
    }
    enum Level: Int, Codable { case low = 1, high }

    var shapes: [Shape]?
    var levels: [Level?]?
    var byNumber: [Int: String]?
    var byLevel: [String: Level]?
    var grid: [[Int8?]]?
    var set: Set<String>?
    var range: Range<Int>?
    var flag: Bool?
    var small: Int16?
    var ratio: Float?
    var any: JSONValue?
    var open: [String: JSONValue]?
    var nested: [String: [String: Bool]]?
  }

  @Test(arguments: [
    "{}", "[]", "null", #"{"shapes":[{"point":{}},{"circle":{"radius":1.5}},{"named":{"_0":"a","sides":3}}]}"#,
    #"{"shapes":[{"named":{"_0":"a"}}]}"#, #"{"shapes":[{"circle":{"radius":"1"}}]}"#, #"{"shapes":[{"oval":{}}]}"#,
    #"{"shapes":[{"point":{},"circle":{"radius":1}}]}"#, #"{"levels":[1,null,2]}"#, #"{"levels":[1,3]}"#,
    #"{"byNumber":{"1":"a","-2":"b"}}"#, #"{"byNumber":{"x":"a"}}"#, #"{"byLevel":{"a":1,"b":2}}"#,
    #"{"byLevel":{"a":1,"b":{}}}"#, #"{"grid":[[1,2],[],[null,-128]]}"#, #"{"grid":[[1],[2,300]]}"#,
    #"{"grid":[[1],{}]}"#, #"{"set":["a","a"]}"#, #"{"range":[1,5]}"#, #"{"range":[1]}"#, #"{"range":[5,1]}"#,
    #"{"flag":true,"small":-5,"ratio":0.25,"any":[1,{"x":null}],"open":{"y":"z"}}"#, #"{"flag":1}"#,
    #"{"any":null,"open":null}"#, #"{"open":[]}"#, #"{"nested":{"a":{"b":true}}}"#, #"{"nested":{"a":{"b":0}}}"#,
    #"{"unknown":{"flag":3},"flag":false}"#, #"{"fl\u0061g":true}"#,
  ]) func everyKindOfContainer(text: String) throws { try self.expectSame(Demanding.self, text) }

  /// Goes through containers by hand, and back into a superclass's fields.
  private struct ByHand: Codable, Equatable {
    var steps: [String] = []

    private enum Keys: String, CodingKey { case inner, list, parent }

    init(from decoder: any Decoder) throws {
      let fields = try decoder.container(keyedBy: Keys.self)
      self.steps = fields.allKeys.map(\.stringValue).sorted()
      self.steps.append("\(try fields.nestedContainer(keyedBy: Keys.self, forKey: .inner).contains(.list))")
      var list = try fields.nestedUnkeyedContainer(forKey: .list)
      self.steps.append("\(list.count ?? -1)")
      self.steps.append(try list.nestedContainer(keyedBy: Keys.self).decode(String.self, forKey: .inner))
      var deeper = try list.nestedUnkeyedContainer()
      while !deeper.isAtEnd { self.steps.append("\(deeper.currentIndex):\(try deeper.decode(Int.self))") }
      self.steps.append("\(try list.decodeNil()),\(try list.decodeNil())")
      #expect(throws: DecodingError.self) { try list.decode(Int.self) }
      self.steps.append("\(list.currentIndex)")
      self.steps.append(try String(from: list.superDecoder()))
      self.steps.append("\(list.isAtEnd)")
      #expect(throws: DecodingError.self) { try list.decode(String.self) }
      self.steps.append(try fields.superDecoder().singleValueContainer().decode(String.self))
      self.steps.append(try fields.superDecoder(forKey: .parent).singleValueContainer().decode(String.self))
    }
  }

  @Test func containersByHand() throws {
    let text = #"{"inner":{"list":1},"list":[{"inner":"x"},[7,8],null,"end"],"super":"s","parent":"p"}"#
    try self.expectSame(ByHand.self, text)
    #expect(
      try self.decode(ByHand.self, text).steps == [
        "inner", "list", "parent", "true", "4", "x", "0:7", "1:8", "true,false", "3", "end", "true", "s", "p",
      ])
  }

  @Test func ofARepeatedKeyTheLastCounts() throws {
    struct Pair: Codable, Equatable {
      var first: Int
      var second: String?
    }
    #expect(
      try self.decode(Pair.self, #"{"first":1,"second":"a","first":2,"first":3}"#) == Pair(first: 3, second: "a"))
    #expect(try self.decode(Pair.self, #"{"first":1,"\u0066irst":2,"second":"a","second":null}"#) == Pair(first: 2))
    #expect(try self.decode([String: String].self, #"{"a":"1","a":"2"}"#) == ["a": "2"])
    #expect(try self.decode([String: JSONValue].self, #"{"a":1,"a":[2]}"#) == ["a": [2]])
    #expect(try self.decode([String: Pair].self, #"{"a":{"first":1},"a":{"first":2}}"#) == ["a": Pair(first: 2)])
    let many = (0..<100).map { #""k\#($0 % 50)":{"first":\#($0)}"# }.joined(separator: ",")
    let pairs = try self.decode([String: Pair].self, "{\(many)}")
    #expect(pairs.count == 50)
    #expect(pairs["k7"] == Pair(first: 57))
  }

  @Test(.timeLimit(.minutes(1))) func aWideObjectTakesTimeInProportion() throws {
    let many = (0..<200_000).map { #""key-\#($0)":[\#($0)]"# }.joined(separator: ",")
    let lists = try self.decode([String: [Int]].self, "{\(many)}")
    #expect(lists.count == 200_000)
    #expect(lists["key-199999"] == [199_999])
  }

  @Test func whatIsNoJSONIsRefusedWithItsPlace() throws {
    let text = #"{"a":[1.5e3,"x\u0041\n",{"b":null}],"c":true}"#
    let bytes = Array(text.utf8)
    for length in 0..<bytes.count {
      #expect(throws: JSONError.self) { try JSONText(parsing: bytes[..<length]) }
    }
    #expect {
      try JSONText(parsing: Array(#"{"known":1,"unknown":[1,}"#.utf8))
    } throws: {
      ($0 as? JSONError)?.code == .syntax && ($0 as? JSONError)?.offset == 24
    }
    #expect(throws: JSONError.self) { try JSONText(parsing: [0x5B, 0x22, 0xC3, 0x22, 0x5D]) }
    let deep = String(repeating: "[", count: 200) + String(repeating: "]", count: 200)
    #expect(try self.decode(JSONValue.self, deep).arrayValue?.count == 1)
    #expect(throws: JSONError.self) { try self.decode(JSONValue.self, "[\(deep)]") }
  }

  @Test func aSliceIsReadWhereItLies() throws {
    let bytes = Array(#"skipped{"a":"b"}left"#.utf8)
    #expect(try JSONText(parsing: bytes[7..<16]).decoded(as: [String: String].self) == ["a": "b"])
  }

  @Test func aTypeSeesWhereItIs() throws {
    struct Place: Decodable {
      var path: [String]

      init(from decoder: any Decoder) throws { self.path = decoder.codingPath.map(\.stringValue) }
    }
    let places = try self.decode([String: [Place]].self, #"{"x":[1,{"deep":[]}],"y":[[],2]}"#)
    #expect(places["x"]?.map(\.path) == [["x", "Index 0"], ["x", "Index 1"]])
    #expect(places["y"]?.map(\.path) == [["y", "Index 0"], ["y", "Index 1"]])
  }

  @Test func unknownFieldsOfOpenObjectsSurvive() throws {
    let text = #"{"containers":[{"name":"a","x":{"y":[1,2.5,null,true,"ü"]}}],"priority":9223372036854775807,"z":{}}"#
    let spec = try self.decode(PodSpec.self, text)
    #expect(spec.json == (try JSONValue(parsing: Array(text.utf8))))
    #expect(spec.containers.map(\.name) == ["a"])
  }

  @Test func listsAreReadWithTheirPlace() throws {
    let list = try self.decode(
      ResourceList<ConfigMap>.self,
      #"{"kind":"ConfigMapList","metadata":{"resourceVersion":"7","continue":"c"},"items":[{"metadata":{"name":"a"}}]}"#
    )
    #expect(list.items.map(\.metadata.name) == ["a"])
    #expect(list.metadata == ListMeta(resourceVersion: "7", continue: "c"))
    #expect(try self.decode(ResourceList<ConfigMap>.self, #"{"items":null}"#).items.isEmpty)
    #expect {
      try self.decode(ResourceList<ConfigMap>.self, #"{"items":[{"metadata":{}},{"metadata":{"labels":{"a":1}}}]}"#)
    } throws: { error in
      guard case DecodingError.typeMismatch(_, let context) = error else { return false }
      return context.codingPath.map { $0.intValue.map(String.init) ?? $0.stringValue }
        == ["items", "1", "metadata", "labels", "a"]
    }
  }
}
