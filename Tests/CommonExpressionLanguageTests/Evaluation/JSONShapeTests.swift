import KubernetesModel
import Testing

@testable import CommonExpressionLanguage

/// JSON as values, by its schema.
@Suite struct JSONShapeTests {
  private static let container = JSONShape(.object(["name": JSONShape(.string), "port": JSONShape(.int)]))
  private static let shape = JSONShape(
    .object([
      "d": JSONShape(.duration), "t": JSONShape(.dateTime), "day": JSONShape(.date), "by": JSONShape(.bytes),
      "num": JSONShape(.double), "ios": JSONShape(.intOrString), "n": JSONShape(.int, isNullable: true),
      "set": JSONShape(.list(JSONShape(.string), .value)), "atomic": JSONShape(.list(JSONShape(.string), .position)),
      "containers": JSONShape(.list(Self.container, .keys(["name"]))), "a-b": JSONShape(.int), "in": JSONShape(.int),
      "x.y/z": JSONShape(.int), "a b": JSONShape(.int), "a__b": JSONShape(.int), "m": JSONShape(.map(JSONShape(.int))),
      "pu": JSONShape(.object([:])), "maybe": JSONShape(.map(JSONShape(.int, isNullable: true))),
    ]))

  private static func result(_ source: String, _ json: JSONValue, old: JSONValue = [:]) -> String {
    do {
      let program = try Program(source, variables: ["self": Self.shape.type, "oldSelf": Self.shape.type])
      let values = ["self": try Self.shape.value(of: json), "oldSelf": try Self.shape.value(of: old)]
      return Expressions.text(try program.evaluate(values).result.get())
    } catch {
      return "error: \(error)"
    }
  }

  @Test func readsFormats() {
    let json: JSONValue = [
      "d": "90m", "t": "2020-01-01T00:00:00Z", "day": "2020-01-02", "by": "YWI=", "num": 2, "ios": "25%", "a-b": 1,
      "in": 2,
      "x.y/z": 3, "a b": 4, "a__b": 5, "n": nil, "m": ["a b": 1],
    ]
    for source in [
      "self.d == duration('1h30m')", "self.day - self.t == duration('24h')", "self.by == b'ab'", "self.num == 2.0",
      "type(self.ios) == string", "self.a__dash__b == 1", "self.__in__ == 2", "self.x__dot__y__slash__z == 3",
      "self.a__underscores__b == 5", "!has(self.n)", "!has(self.set)", "self.m['a b'] == 1", "size(self.m) == 1",
      "!has(self.maybe)",
    ] {
      #expect(Self.result(source, json) == "true", "\(source)")
    }
    #expect(Self.result("self.n == 1", json) == "error: no such key: n")
    #expect(Self.result("has(self.maybe.a)", ["maybe": ["a": nil]]) == "true")
    #expect(Self.result("self.d == self.d", ["d": "soon"]) == "error: Invalid duration soon")
  }

  @Test func comparesListsByTheirTypes() {
    func same(_ field: String, _ new: JSONValue, _ old: JSONValue) -> String {
      Self.result("self.\(field) == oldSelf.\(field)", .object([field: new]), old: .object([field: old]))
    }
    #expect(same("set", ["a", "b"], ["b", "a"]) == "true")
    #expect(same("set", ["a", "b"], ["b", "c"]) == "false")
    #expect(same("atomic", ["a", "b"], ["b", "a"]) == "false")
    let (first, second): (JSONValue, JSONValue) = (["name": "a", "port": 1], ["name": "b", "port": 2])
    #expect(same("containers", .array([first, second]), .array([second, first])) == "true")
    #expect(same("containers", .array([first]), [["name": "a", "port": 2]]) == "false")
    #expect(same("containers", .array([first]), .array([first, second])) == "false")
    // What the schema does not know is compared as it is.
    #expect(same("pu", ["x": [1]], ["x": [1]]) == "true")
    #expect(same("pu", ["x": [1]], ["x": [2]]) == "false")
    #expect(Self.result("(self.set + ['a', 'c']).size() == 3", ["set": ["a", "b"]]) == "true")
    #expect(Self.result("(self.atomic + ['a']).size() == 2", ["atomic": ["a"]]) == "true")
  }
}
