import KubernetesModel
import Testing

@testable import CommonExpressionLanguage

/// What the checker refuses, in the words of cel-go.
@Suite struct CheckerTests {
  private static let shape = JSONShape(
    .object([
      "up": JSONShape(.int), "name": JSONShape(.string), "names": JSONShape(.list(JSONShape(.string), .position)),
      "m": JSONShape(.map(JSONShape(.string))), "flag": JSONShape(.bool), "num": JSONShape(.double),
      "d": JSONShape(.duration), "t": JSONShape(.dateTime), "by": JSONShape(.bytes), "ios": JSONShape(.intOrString),
      "o": JSONShape(.object(["x": JSONShape(.int)]), name: "selfType.o"), "pn": JSONShape(.opaque),
      "a-b": JSONShape(.int),
      "namespace": JSONShape(.int), "a__b": JSONShape(.int),
    ]), name: "selfType")

  private static func fault(_ source: String) -> String? {
    do {
      _ = try Program(source, variables: ["self": Self.shape.type, "oldSelf": Self.shape.type])
      return nil
    } catch {
      return error.description
    }
  }

  @Test(arguments: [
    "self.up > 0", "self.name in self.m", "self.m.x == 'a'", "self.up >= oldSelf.up", "self.num > 1", "self.ios == 1",
    "self.ios == 'a'", "self.ios + 1 == 2", "self.o == null", "self.d == null", "self.a__dash__b == 1",
    "self.__namespace__ == 1", "self.a__underscores__b == 1", "self.?up.orValue(1) > 0", "self.up == dyn('a')",
    "type(self.up) == int", "google.protobuf.Duration == type(self.d)", "self.t - self.t > self.d", "[] == [1]",
    "self.names.map(x, x.size()) == [1]", "self.names.map(x, x == 'a', 1) == [1]", "{} == {'a': 1}",
    "self.up < self.num", "[[], [1]] == []", "optional.none() == optional.of(1)", "self.o == oldSelf.o",
    "[1, 2].exists(x, [x] == [])", "self.names.all(x, self.m.exists(y, y == x))",
  ]) func accepts(source: String) {
    #expect(Self.fault(source) == nil, "\(source)")
  }

  @Test(arguments: [
    ("self.left > 0", 5, "undefined field 'left'"),
    ("selff.up > 0", 1, "undeclared reference to 'selff' (in container '')"),
    ("has(self.left)", 4, "undefined field 'left'"),
    ("foo(self.up)", 4, "undeclared reference to 'foo' (in container '')"),
    ("self.name.foo()", 14, "undeclared reference to 'foo' (in container '')"),
    ("has(self)", 5, "invalid argument to has() macro"),
    ("self.up > 'a'", 9, "found no matching overload for '_>_' applied to '(int, string)'"),
    ("self.up == 'a'", 9, "found no matching overload for '_==_' applied to '(int, string)'"),
    ("!self.up", 1, "found no matching overload for '!_' applied to '(int)'"),
    ("self.name && true", 5, "expected type 'bool' but found 'string'"),
    ("size(self.up) > 1", 5, "found no matching overload for 'size' applied to '(int)'"),
    ("self.up in self.names", 9, "found no matching overload for '@in' applied to '(int, list(string))'"),
    ("self.name.startsWith(1)", 21, "found no matching overload for 'startsWith' applied to 'string.(int)'"),
    ("self.names['a'] == 'b'", 11, "found no matching overload for '_[_]' applied to '(list(string), string)'"),
    ("self.m[1] == 'b'", 7, "found no matching overload for '_[_]' applied to '(map(string, string), int)'"),
    ("self.name.x == 1", 10, "type 'string' does not support field selection"),
    ("self.names.x == 1", 11, "type 'list(string)' does not support field selection"),
    ("self.flag ? 1 : 'a'", 11, "found no matching overload for '_?_:_' applied to '(bool, int, string)'"),
    ("[1, 'a'] == []", 5, "expected type 'int' but found 'string'"),
    ("-self.name == 1", 1, "found no matching overload for '-_' applied to '(string)'"),
    ("self.d + 1 == self.d", 8, "found no matching overload for '_+_' applied to '(duration, int)'"),
    ("self.t + 1 == self.t", 8, "found no matching overload for '_+_' applied to '(timestamp, int)'"),
    ("self.o + 1 == self.o", 8, "found no matching overload for '_+_' applied to '(selfType.o, int)'"),
    ("self.up == null", 9, "found no matching overload for '_==_' applied to '(int, null)'"),
    ("self.pn == 1", 5, "undefined field 'pn'"),
    ("optional.of(1) + 1 == 2", 16, "found no matching overload for '_+_' applied to '(optional_type(int), int)'"),
    ("quantity('1') + 1 == 2", 15, "found no matching overload for '_+_' applied to '(kubernetes.Quantity, int)'"),
    ("type(self.up) + 1 == 2", 15, "found no matching overload for '_+_' applied to '(type(int), int)'"),
    ("[] + 1 == 2", 4, "found no matching overload for '_+_' applied to '(list(dyn), int)'"),
    ("{} + 1 == 2", 4, "found no matching overload for '_+_' applied to '(map(dyn, dyn), int)'"),
    (
      "self.up.all(x, true)", 5,
      "expression of type 'int' cannot be range of a comprehension (must be list, map, or dynamic)"
    ),
    (
      "self.names.map(x, x, 1) == [1]", 15,
      "found no matching overload for '_?_:_' applied to '(string, list(int), list(int))'"
    ),
    (
      "self.names.filter(x, 1) == []", 18,
      "found no matching overload for '_?_:_' applied to '(int, list(string), list(string))'"
    ),
    ("self.names.all(1, true)", 16, "argument must be a simple name"),
    ("self['up'] == 1", 5, "found no matching overload for '_[_]' applied to '(selfType, string)'"),
    ("Foo{a: 1} == 1", 4, "undeclared reference to 'Foo' (in container '')"),
    ("self.name.matches('[')", 19, "invalid matches argument"),
    ("duration('abc') > duration('1s')", 10, "invalid duration argument"),
    ("timestamp('abc') > timestamp(1)", 11, "invalid timestamp argument"),
    ("['a'].sum() == 1", 10, "found no matching overload for 'sum' applied to 'list(string).()'"),
    ("size() > 1", 5, "found no matching overload for 'size' applied to '()'"),
    ("int == 1", 5, "found no matching overload for '_==_' applied to '(type(int), int)'"),
    ("self.up == 1u", 9, "found no matching overload for '_==_' applied to '(int, uint)'"),
    ("self.__namespace == 1", 5, "undefined field '__namespace'"), ("self.a__b == 1", 5, "undefined field 'a__b'"),
    ("package == 1", 1, "reserved identifier: package"), ("self.up > 99999999999999999999", 11, "invalid int literal"),
    ("self.up ? 1", 12, "Syntax error: mismatched input '<EOF>' expecting ':'"),
    ("(1", 3, "Syntax error: missing ')' at '<EOF>'"),
    ("[1", 3, "Syntax error: mismatched input '<EOF>' expecting {']', ','}"),
    ("self..up", 6, "Syntax error: no viable alternative at input '..'"),
    ("self.up.", 9, "Syntax error: no viable alternative at input '.'"),
    ("self.up > 0)", 12, "Syntax error: extraneous input ')' expecting <EOF>"),
    ("a b c", 3, "Syntax error: mismatched input 'b' expecting <EOF>"),
  ]) func refuses(source: String, column: Int, message: String) {
    let dots = String(repeating: ".", count: column - 1)
    #expect(Self.fault(source) == "ERROR: <input>:1:\(column): \(message)\n | \(source)\n | \(dots)^", "\(source)")
  }

  @Test func tellsEveryFaultInItsPlace() {
    #expect(
      Self.fault("self.up > 0 || y > 1 ||\n z")
        == """
        ERROR: <input>:1:16: undeclared reference to 'y' (in container '')
         | self.up > 0 || y > 1 ||
         | ...............^
        ERROR: <input>:2:2: undeclared reference to 'z' (in container '')
         |  z
         | .^
        """)
  }
}
