import KubernetesModel
import Testing

@testable import CommonExpressionLanguage

/// The semantics of the language's specification, one expression a line.
@Suite struct EvaluationTests {
  private static let variables: [String: JSONValue] = [
    "x": 5, "s": "héllo", "list": [1, 2, 3], "map": ["a": 1, "b-c": 2], "empty": [:], "none": nil, "half": 0.5,
    "deep": ["a": ["b": ["c": true]]],
  ]

  @Test(arguments: [
    ("1 + 2 * 3", "7"), ("(1 + 2) * 3", "9"), ("7 / 2", "3"), ("-7 / 2", "-3"), ("-7 % 3", "-1"), ("7u % 4u", "3u"),
    ("1.5 + 1.5", "3.0"), ("0x1F", "31"), ("-9223372036854775808", "-9223372036854775808"), ("--3", "3"),
    ("2 - -1", "3"), ("1.0 / 0.0", "+Inf.0"), (".5", "0.5"), ("1e3", "1000.0"), ("1 - 1 - 1", "-1"),
    ("'a' + 'b'", "\"ab\""), ("b'a' + b'b'", "b61 62"), ("[1] + [2]", "[1, 2]"), ("true ? 1 : 2", "1"),
    ("false ? 1 : true ? 2 : 3", "2"), ("!true", "false"), ("!!true", "true"), ("null", "null"),
    ("{'a': 1}.a", "1"), ("{'a': 1}['a']", "1"), ("{1: 'x'}[dyn(1u)]", "\"x\""), ("{1: 'x'}[dyn(1.0)]", "\"x\""),
    ("[10, 20][1]", "20"), ("list[2]", "3"), ("map['b-c']", "2"), ("deep.a.b.c", "true"), ("x // a comment", "5"),
    ("'a' in {'a': 1}", "true"), ("2 in [1, 2]", "true"), ("3 in [1, 2]", "false"), ("dyn(1.0) in [1, 2]", "true"),
    ("[1,]", "[1]"), ("{'a': 1,}", "{\"a\": 1}"), ("[?optional.of(1), ?optional.none()]", "[1]"),
  ]) func operators(source: String, expected: String) {
    #expect(Expressions.result(source, Self.variables) == expected, "\(source)")
  }

  @Test(arguments: [
    ("9223372036854775807 + 1", "integer overflow"), ("-9223372036854775808 - 1", "integer overflow"),
    ("9223372036854775807 * 2", "integer overflow"), ("dyn(-9223372036854775808) / -1", "integer overflow"),
    ("-(-9223372036854775807 - 1)", "integer overflow"), ("0u - 1u", "unsigned integer overflow"),
    ("18446744073709551615u + 1u", "unsigned integer overflow"), ("1 / 0", "division by zero"),
    ("1 % 0", "modulus by zero"), ("1u / 0u", "division by zero"), ("[1][1]", "index out of bounds: 1"),
    ("[1][-1]", "index out of bounds: -1"), ("{'a': 1}.b", "no such key: b"), ("{'a': 1}['b']", "no such key: b"),
    ("{1: 2}[3]", "no such key: 3"), ("map.c", "no such key: c"), ("deep.x.y", "no such key: x"),
    ("x.y", "no such key: y"), ("dyn(1) + dyn('a')", "no such overload"), ("dyn(1) && true", "no such overload"),
    ("dyn(1) ? 1 : 2", "no such overload"), ("!dyn(1)", "no such overload"), ("dyn(1) < dyn('a')", "no such overload"),
    ("dyn(1).size()", "no such overload"), ("1 in dyn(1)", "no such overload"),
    ("[1][dyn('a')]", "unsupported index type 'string' in list"),
    ("dyn(1).all(x, true)", "got 'types.Int', expected iterable type"),
    ("optional.none().value()", "optional.none() dereference"),
  ]) func errors(source: String, expected: String) {
    #expect(Expressions.result(source, Self.variables) == "error: \(expected)", "\(source)")
  }

  @Test(arguments: [
    ("false && 1 / 0 > 0", "false"), ("1 / 0 > 0 && false", "false"), ("true || 1 / 0 > 0", "true"),
    ("1 / 0 > 0 || true", "true"), ("true && 1 / 0 > 0", "error: division by zero"),
    ("1 / 0 > 0 || false", "error: division by zero"), ("1 / 0 > 0 && 1 % 0 > 0", "error: division by zero"),
    ("dyn(1) && false", "false"), ("dyn('a') || true", "true"), ("true ? 1 : 1 / 0", "1"),
    ("[1, 0].exists(i, 1 / i > 0)", "true"), ("[0, 1].exists(i, 1 / i > 0)", "true"),
    ("[0, 2].exists(i, 1 / i > 0)", "error: division by zero"), ("[0, 2].all(i, 1 / i > 0)", "false"),
    ("[0, 1].all(i, 1 / i > 0)", "error: division by zero"),
    ("[0, 1].exists_one(i, 1 / i > 0)", "error: division by zero"),
    ("[1, 0].map(i, 1 / i)", "error: division by zero"), ("[1, 0].filter(i, 1 / i > 0)", "error: division by zero"),
  ]) func absorption(source: String, expected: String) {
    #expect(Expressions.result(source) == expected, "\(source)")
  }

  @Test(arguments: [
    ("dyn(1) == dyn(1.0)", "true"), ("dyn(1) == dyn(1u)", "true"), ("dyn(1u) == dyn(1.0)", "true"),
    ("dyn(1) == dyn('1')", "false"), ("dyn(1) != dyn('1')", "true"), ("dyn(null) == dyn(0)", "false"),
    ("null == null", "true"), ("dyn([1, 2]) == dyn([1.0, dyn(2u)])", "true"), ("[1, 2] == [2, 1]", "false"),
    ("{'a': 1, 'b': 2} == {'b': 2, 'a': 1}", "true"), ("dyn({1: 'a'}) == dyn({1u: 'a'})", "true"),
    ("{'a': 1} == {'a': 2}", "false"), ("dyn(9007199254740993) == dyn(9007199254740992.0)", "false"),
    ("0.0 / 0.0 == 0.0 / 0.0", "false"), ("0.0 / 0.0 != 0.0 / 0.0", "true"), ("dyn(0.0 / 0.0) < 1", "false"),
    ("1 < dyn(1.5)", "true"), ("dyn(2u) > 1", "true"), ("dyn(1u) > -1", "true"),
    ("-1 < dyn(18446744073709551615u)", "true"),
    ("9223372036854775807 < dyn(9223372036854775808.0)", "true"), ("1.0 <= dyn(1)", "true"), ("dyn(1.9) >= 2", "false"),
    ("'a' < 'b'", "true"), ("'B' < 'a'", "true"), ("'z' < 'ä'", "true"), ("b'a' < b'b'", "true"),
    ("false < true", "true"),
    ("'é' == 'e\\u0301'", "false"), ("type(1) == int", "true"), ("type(1u) == type(1)", "false"),
    ("type(null) == null_type", "true"), ("type([]) == list", "true"), ("type({}) == map", "true"),
    ("type(type(1)) == type", "true"), ("type(duration('1s')) == google.protobuf.Duration", "true"),
    ("optional.of(1) == optional.of(1)", "true"), ("optional.of(1) == optional.none()", "false"),
  ]) func comparisons(source: String, expected: String) {
    #expect(Expressions.result(source) == expected, "\(source)")
  }

  @Test(arguments: [
    ("has(map.a)", "true"), ("has(map.z)", "false"), ("has({'a': 1}.a)", "true"), ("has(deep.a.b)", "true"),
    ("has(deep.x.y)", "error: no such key: x"), ("[1, 2, 3].all(i, i > 0)", "true"), ("[].all(i, false)", "true"),
    ("[].exists(i, true)", "false"), ("map.all(k, k in ['a', 'b-c'])", "true"),
    ("[1, 2, 2].exists_one(i, i == 2)", "false"),
    ("[1, 2, 3].exists_one(i, i == 2)", "true"), ("[1, 2, 3].map(i, i * 2)", "[2, 4, 6]"),
    ("[1, 2, 3].map(i, i > 1, i * 2)", "[4, 6]"), ("[1, 2, 3].filter(i, i > 1)", "[2, 3]"),
    ("map.map(k, k)", "[\"a\", \"b-c\"]"), ("[[1], [2]].map(l, l.map(i, i + 1))", "[[2], [3]]"),
    ("[1, 2].map(i, [3, 4].map(j, i * j))", "[[3, 4], [6, 8]]"), ("[1].map(x, [2].map(x, x))", "[[2]]"),
    ("[5, 6].all(i, v, i < v)", "true"), ("[5, 6].exists(i, v, i == 1 && v == 6)", "true"),
    ("[5, 6].transformList(i, v, i * v)", "[0, 6]"), ("{'a': 1}.transformMap(k, v, v + 1)", "{\"a\": 2}"),
    ("{'a': 1, 'b': 2}.transformMap(k, v, v > 1, v)", "{\"b\": 2}"),
    ("optional.of(1).optMap(v, v + 1)", "optional(2)"), ("optional.none().optMap(v, v)", "none"),
    ("optional.of(1).optFlatMap(v, optional.of(v))", "optional(1)"),
    ("map.?a", "optional(1)"), ("map.?z", "none"), ("map.?z.orValue(7)", "7"), ("map[?'a'].orValue(0)", "1"),
    ("list[?9].hasValue()", "false"), ("deep.?a.?b.?z.hasValue()", "false"), ("map.?z.or(map.?a)", "optional(1)"),
    ("optional.ofNonZeroValue('')", "none"),
  ]) func macros(source: String, expected: String) {
    #expect(Expressions.result(source, Self.variables) == expected, "\(source)")
  }

  @Test(arguments: [
    ("int('12')", "12"), ("int(2.9)", "2"), ("int(-2.9)", "-2"), ("int(3u)", "3"), ("uint('3')", "3u"),
    ("double('1.5')", "1.5"), ("double(2)", "2.0"), ("string(1)", "\"1\""), ("string(1.5)", "\"1.5\""),
    ("string(1000000.0)", "\"1e+06\""), ("string(0.00001)", "\"1e-05\""), ("string(123456.5)", "\"123456.5\""),
    ("string(true)", "\"true\""), ("string(b'abc')", "\"abc\""), ("bytes('ü')", "bc3 bc"), ("bool('true')", "true"),
    ("string(duration('1h30m'))", "\"5400s\""), ("string(duration('1.5s'))", "\"1.5s\""),
    ("string(timestamp('2020-01-02T03:04:05.006Z'))", "\"2020-01-02T03:04:05.006Z\""),
    ("int(timestamp('1970-01-01T00:01:00Z'))", "60"), ("timestamp(60) == timestamp('1970-01-01T00:01:00Z')", "true"),
    ("int('a')", "error: type conversion error from 'string' to 'int'"),
    (
      "dyn('x') == 'x' && duration(dyn('x')) > duration('1s')",
      "error: type conversion error from 'string' to 'google.protobuf.Duration'"
    ),
    ("int(1e30)", "error: integer overflow"), ("uint(-1)", "error: unsigned integer overflow"),
    ("int(dyn(18446744073709551615u))", "error: integer overflow"),
  ]) func conversions(source: String, expected: String) {
    #expect(Expressions.result(source) == expected, "\(source)")
  }

  @Test(arguments: [
    ("duration('1h') + duration('30m') == duration('90m')", "true"),
    ("duration('8760h0m0.000000001s') > duration('8760h')", "true"),
    ("timestamp('2020-01-01T00:00:00Z') + duration('24h') == timestamp('2020-01-02T00:00:00Z')", "true"),
    ("timestamp('2020-01-02T00:00:00Z') - timestamp('2020-01-01T00:00:00Z') == duration('24h')", "true"),
    ("timestamp('2020-01-01T00:00:00+01:00') < timestamp('2020-01-01T00:00:00Z')", "true"),
    ("timestamp('9999-12-31T23:59:59Z') + duration('1s')", "error: timestamp overflow"),
    ("duration('2562047h') + duration('2562047h')", "error: duration overflow"),
    ("timestamp('2020-02-29T03:04:05.678Z').getFullYear()", "2020"),
    ("timestamp('2020-02-29T03:04:05Z').getMonth()", "1"),
    ("timestamp('2020-02-29T03:04:05Z').getDate()", "29"), ("timestamp('2020-02-29T03:04:05Z').getDayOfMonth()", "28"),
    ("timestamp('2020-02-29T03:04:05Z').getDayOfWeek()", "6"),
    ("timestamp('2020-02-29T03:04:05Z').getDayOfYear()", "59"),
    ("timestamp('2020-02-29T03:04:05.678Z').getMilliseconds()", "678"),
    ("timestamp('2020-02-29T03:04:05Z').getHours('-05:00')", "22"), ("duration('90m').getHours()", "1"),
    ("duration('90m').getMinutes()", "90"), ("timestamp('1969-12-31T23:59:59Z').getDayOfWeek()", "3"),
  ]) func time(source: String, expected: String) {
    #expect(Expressions.result(source) == expected, "\(source)")
  }

  @Test(arguments: [
    ("size('héllo')", "5"), ("'héllo'.size()", "5"), ("size(b'\\xff\\x00')", "2"), ("size({'a': 1})", "1"),
    ("'hello'.contains('ell')", "true"), ("'hello'.contains('')", "true"), ("'hello'.startsWith('he')", "true"),
    ("'hello'.endsWith('lo')", "true"), ("'hello'.matches('^h.*o$')", "true"), ("matches('hello', 'l+')", "true"),
    ("'Hello'.lowerAscii()", "\"hello\""), ("'HÉllo'.upperAscii()", "\"HÉLLO\""), ("'  a b '.trim()", "\"a b\""),
    ("'hello'.indexOf('l')", "2"), ("'hello'.indexOf('l', 3)", "3"), ("'hello'.indexOf('x')", "-1"),
    ("'hello'.lastIndexOf('l')", "3"), ("'hello'.lastIndexOf('l', 2)", "2"), ("'hello'.replace('l', 'L')", "\"heLLo\""),
    ("'hello'.replace('l', 'L', 1)", "\"heLlo\""), ("'ab'.replace('', '-')", "\"-a-b-\""),
    ("'a,b,c'.split(',')", "[\"a\", \"b\", \"c\"]"), ("'a,b,c'.split(',', 2)", "[\"a\", \"b,c\"]"),
    ("'abc'.split('')", "[\"a\", \"b\", \"c\"]"), ("'a,b'.split(',', 0)", "[]"), ("['a', 'b'].join('-')", "\"a-b\""),
    ("['a', 'b'].join()", "\"ab\""), ("'hello'.substring(1)", "\"ello\""), ("'hello'.substring(1, 3)", "\"el\""),
    ("'hello'.charAt(1)", "\"e\""), ("'hello'.charAt(5)", "\"\""),
    ("'hello'.substring(6)", "error: index out of range: 6"),
    ("'abc 123 45'.find('[0-9]+')", "\"123\""), ("'abc'.find('[0-9]+')", "\"\""),
    ("'123 45'.findAll('[0-9]+')", "[\"123\", \"45\"]"), ("'123 45'.findAll('[0-9]+', 1)", "[\"123\"]"),
    ("strings.quote('a\"b\\n')", "\"\"a\\\"b\\n\"\""),
    ("dyn('[') == '[' && 'a'.matches(dyn('['))", "error: error parsing regexp: missing closing ]: `[`"),
  ]) func texts(source: String, expected: String) {
    #expect(Expressions.result(source) == expected, "\(source)")
  }

  @Test(arguments: [
    ("[1, 2, 2].isSorted()", "true"), ("[2, 1].isSorted()", "false"), ("[1, 2, 3].sum()", "6"),
    ("['a'].isSorted()", "true"),
    ("[1.5, 2.5].sum()", "4.0"), ("[3, 1, 2].min()", "1"), ("[3, 1, 2].max()", "3"), ("[].isSorted()", "true"),
    ("[1, 2, 1].indexOf(1)", "0"), ("[1, 2, 1].lastIndexOf(1)", "2"), ("[1].indexOf(2)", "-1"),
    ("[3, 1].sort()", "[1, 3]"),
    ("[1, 2].reverse()", "[2, 1]"), ("[1, 1, 2].distinct()", "[1, 2]"), ("[1, 2, 3].slice(1, 3)", "[2, 3]"),
    ("[[1], [2, 3]].flatten()", "[1, 2, 3]"), ("lists.range(3)", "[0, 1, 2]"), ("[1, 2].first()", "optional(1)"),
    ("sets.contains([1, 2], [2])", "true"), ("sets.equivalent([1, 2], [2, 1, 1])", "true"),
    ("sets.intersects([1], [2])", "false"),
    ("isQuantity('500m')", "true"), ("isQuantity('5x')", "false"), ("quantity('1k') == quantity('1000')", "true"),
    ("quantity('1Gi').isGreaterThan(quantity('1G'))", "true"), ("quantity('50m').isLessThan(quantity('0.1'))", "true"),
    ("quantity('1').compareTo(quantity('2'))", "-1"), ("quantity('-1').sign()", "-1"),
    ("quantity('5M').asInteger()", "5000000"),
    ("quantity('500m').isInteger()", "false"), ("quantity('1.5').asApproximateFloat()", "1.5"),
    ("quantity('1').add(quantity('1k')).sub(1) == quantity('1000')", "true"),
    ("quantity('1e3') == quantity('1k')", "true"),
    (
      "quantity(dyn('x')) == quantity('1')",
      "error: quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
    ),
  ]) func listsAndQuantities(source: String, expected: String) {
    #expect(Expressions.result(source) == expected, "\(source)")
  }

  @Test func evaluatesWithoutDeclarations() {
    #expect(Expressions.result("1 == 'a'", isChecked: false) == "false")
    #expect(Expressions.result("y", isChecked: false) == "error: no such attribute(s): y")
    #expect(Expressions.result("nope(1)", isChecked: false) == "error: no such overload")
    #expect(Expressions.result("true || y", isChecked: false) == "true")
  }

  @Test(arguments: [
    "list.all(a, list.all(b, list.all(c, list.all(d, a + b + c + d >= 0))))",
    "list.map(a, list.map(b, list.map(c, a))).size() >= 0",
    "list.filter(a, list.exists(b, list.exists(c, c < 0))).size() >= 0",
  ]) func endsWhatCostsTooMuch(source: String) {
    let list = JSONValue.array((0..<200).map { .integer($0) })
    #expect(Expressions.result(source, ["list": list]) == "error: operation cancelled: actual cost limit exceeded")
  }

  @Test func noOperandMakesUpForACancelledOne() {
    let list = JSONValue.array((0..<2000).map { .integer($0) })
    let result = Expressions.result("list.all(a, list.all(b, a >= 0 && b >= 0)) || true", ["list": list])
    #expect(result == "error: operation cancelled: actual cost limit exceeded")
  }
}
