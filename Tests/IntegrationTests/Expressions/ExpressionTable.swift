/// Expressions that two implementations of the language evaluate alike.
enum ExpressionTable {
  static let all: [String] =
    Self.arithmetic + Self.logic + Self.comparisons + Self.literals + Self.texts + Self.containers + Self.macros
    + Self.conversions + Self.time

  /// What the expressions name.
  static let variables = #"""
    {"x": 5, "y": -3, "s": "héllo", "nums": [1, 2, 3], "obj": {"a": 1, "b-c": 2}, "none": null, "half": 0.5, "yes": true,
     "deep": {"a": {"b": {"c": true}}}, "names": ["one", "two", "three"], "empty": {}}
    """#

  private static let arithmetic = [
    "1 + 2", "1 - 2", "2 * 3", "7 / 2", "-7 / 2", "7 / -2", "7 % 3", "-7 % 3", "7 % -3", "1 + 2 * 3", "(1 + 2) * 3",
    "10 - 3 - 2", "100 / 10 / 2", "-x", "-(-3)", "x + y", "x * y", "x / y", "x % y", "1u + 2u", "5u - 3u", "2u * 3u",
    "7u / 2u", "7u % 4u", "1.5 + 1.5", "1.5 - 0.25", "1.5 * 2.0", "1.0 / 4.0", "-1.5", "half + half", "1 / 0", "1 % 0",
    "1u / 0u", "1u % 0u", "1.0 / 0.0 > 1.0", "9223372036854775807 + 1", "-9223372036854775807 - 2",
    "9223372036854775807 * 2", "-9223372036854775808", "9223372036854775807", "18446744073709551615u",
    "18446744073709551615u + 1u", "0u - 1u", "4294967296u * 4294967296u", "'a' + 'b'", "b'a' + b'b'", "[1] + [2, 3]",
    "1 + 1.0", "1u + 1", "'a' + 1", "[1] + 1", "-'a'", "-true", "1 - -1", "2 - 3 * 4 + 5", "(2 - 3) * (4 + 5)",
    "x - 5 == 0", "x * x * x", "0x10 + 1", "1e2 + 1.0", ".5 + .5",
  ]

  private static let logic = [
    "true && true", "true && false", "false && true", "false || false", "true || false", "false || true", "!true",
    "!false", "!!true", "true ? 1 : 2", "false ? 1 : 2", "yes ? 'a' : 'b'", "false ? 1 : true ? 2 : 3",
    "false && 1 / 0 > 0", "1 / 0 > 0 && false", "true || 1 / 0 > 0", "1 / 0 > 0 || true", "true && 1 / 0 > 0",
    "1 / 0 > 0 || false", "true ? 1 : 1 / 0", "false ? 1 / 0 : 1", "(true || false) && !false", "true && true && false",
    "false || false || true", "x > 0 && y < 0", "x > 0 ? x : -x", "!(x > 0)", "none == null && true",
    "false && nope", "true || nope",
  ]

  private static let comparisons = [
    "1 == 1", "1 != 2", "1 < 2", "2 <= 2", "3 > 2", "3 >= 3", "1.5 < 2.5", "1u < 2u", "'a' < 'b'", "'B' < 'a'",
    "'abc' == 'abc'", "'a' != 'b'", "true == true", "true != false", "null == null", "[1, 2] == [1, 2]",
    "[1, 2] == [2, 1]", "[] == []", "{'a': 1} == {'a': 1}", "{'a': 1, 'b': 2} == {'b': 2, 'a': 1}",
    "{'a': 1} == {'a': 2}", "{'a': 1} == {'b': 1}", "b'a' == b'a'", "b'a' < b'b'", "1.0 == 1.0", "1 in [1, 2]",
    "3 in [1, 2]", "'a' in ['a']", "'a' in {'a': 1}", "'b' in {'a': 1}", "x in nums", "5 in nums", "'a' in obj",
    "'z' in obj", "!('z' in obj)", "[1] in [[1], [2]]", "duration('1m') == duration('60s')",
    "duration('1m') < duration('61s')", "[[1], [2]] == [[1], [2]]", "{'a': [1]} == {'a': [1]}",
    "x == 5 && s == 'héllo'",
    "half == 0.5", "nums == [1, 2, 3]", "obj == {'a': 1, 'b-c': 2}", "deep.a.b == {'c': true}", "empty == {}",
    "false < true", "'' < 'a'", "x >= 5", "y <= -3",
  ]

  private static let literals = [
    "42", "-42", "0", "0x1F", "0XfF", "-0x10", "42u", "0x2Au", "1.5", "1e3", "1.5e-3", "2.5E+2", "'abc'", "\"abc\"",
    "''", "'it\\'s'", "\"say \\\"x\\\"\"", "'a\\nb'", "'a\\tb'", "'\\\\'", "r'\\n'", "r\"a\\d\"", "'''a'b'''",
    "\"\"\"a\"b\"\"\"", "'\\x41'", "'\\u00e9'", "'\\U0001F600'", "'\\101'", "b'abc'", "b'\\xff'", "b'\\101'", "b'é'",
    "true",
    "false", "null", "[]", "[1, 2, 3]", "[1, 'a', true, null]", "[[1], []]", "{}", "{'a': 1}", "{1: 'a', 2: 'b'}",
    "{true: 1}", "{'a': {'b': 2}}", "[1, 2,]", "{'a': 1,}", "'😀'", "x // comment", "1 /* no */ 2", "'", "[1", "(1",
    "1 +",
    "a b", "&&", "{1}", "'\\q'", "9223372036854775808", "1.", "@",
  ]

  private static let texts = [
    "size('')", "size('abc')", "size('héllo')", "size('😀')", "s.size()", "'hello'.contains('ell')",
    "'hello'.contains('')",
    "'hello'.contains('x')", "'hello'.startsWith('he')", "'hello'.startsWith('lo')", "'hello'.endsWith('lo')",
    "'hello'.endsWith('he')", "'hello'.matches('^h.*o$')", "'hello'.matches('l+')", "'hello'.matches('^l')",
    "'abc123'.matches('[a-z]+[0-9]+')", "'a.b'.matches('a\\\\.b')", "matches('hello', 'ell')", "'0%'.matches('^0+%$')",
    "'10%'.matches('^0+%$')", "s.startsWith('hé')", "s + '!'", "size(s + s)", "size(b'abc')", "size(b'é')",
    "'a' + 'b' + 'c'",
    "'hello'.matches('[')", "'a'.contains(1)", "'Ab'.matches('(a|A)b')", "'aab'.matches('^(a|b)*$')",
    "'x'.matches('\\\\d')",
  ]

  private static let containers = [
    "nums[0]", "nums[2]", "nums[3]", "nums[-1]", "obj['a']", "obj['b-c']", "obj['z']", "obj.a", "obj.z", "deep.a.b.c",
    "deep.x", "deep.x.y", "[1, 2][1]", "{'a': 1}['a']", "{'a': 1}.a", "{1: 'x'}[1]", "{1: 'x'}[2]", "size(nums)",
    "size(obj)",
    "size([])", "size({})", "size({'a': 1})", "[[1, 2], [3]][0][1]", "{'a': [1, 2]}.a[1]", "has(obj.a)", "has(obj.z)",
    "has(deep.a.b)", "has(deep.a.z)", "has({'a': 1}.a)", "!has(empty.a)", "has(empty.a) || true", "nums[x - 5]",
    "names[1]",
    "nope", "obj.a.b", "x.y", "nums['a']", "size(1)", "size(null)", "[1, 2, 3][1] + 1",
  ]

  private static let macros = [
    "[1, 2, 3].all(i, i > 0)", "[1, 2, 3].all(i, i > 1)", "[].all(i, false)", "[1, 2, 3].exists(i, i == 2)",
    "[1, 2, 3].exists(i, i == 4)", "[].exists(i, true)", "[1, 2, 3].exists_one(i, i == 2)",
    "[1, 2, 2].exists_one(i, i == 2)",
    "[1, 2].exists_one(i, i == 3)", "[1, 2, 3].map(i, i * 2)", "[].map(i, i)", "[1, 2, 3].filter(i, i > 1)",
    "[1, 2, 3].filter(i, i > 5)", "obj.all(k, k in ['a', 'b-c'])", "obj.exists(k, k == 'a')", "[1, 2].map(i, [i, i])",
    "[[1], [2, 3]].map(l, size(l))", "[1, 2, 3].filter(i, i > 1).map(i, i * 10)", "[1, 2].all(i, [3, 4].all(j, i < j))",
    "[1, 2].map(i, [3, 4].map(j, i * j))", "[1, 0].exists(i, 1 / i > 0)", "[0, 2].all(i, 1 / i > 0)",
    "nums.map(i, i + x)",
    "names.filter(n, n.startsWith('t'))", "names.all(n, size(n) > 2)", "names.exists(n, n == s)",
    "[has(obj.a), has(obj.z)].filter(given, given).size() == 1", "[1, 2, 3].filter(i, i % 2 == 1).size()",
    "1.all(i, true)",
    "[1].all(1, true)", "[1].map(i)", "has(1)", "[true, false].exists(b, b)", "['a', 'b'].map(c, c + c)",
    "[{'n': 1}, {'n': 2}].all(e, e.n > 0)", "[{'n': 1}, {'n': 2}].map(e, e.n)", "[{'n': 1}, {}].exists(e, has(e.n))",
  ]

  private static let conversions = [
    "int('12')", "int('-12')", "int(2.9)", "int(-2.9)", "int(3u)", "uint(3)", "uint('3')", "double(2)", "double('1.5')",
    "string(1)", "string(-1)", "string(1u)", "string(true)", "string('a')", "string(b'abc')", "bytes('é')", "int('a')",
    "double('a')", "uint(-1)", "int(1e30)", "type(1) == int", "type(1u) == uint", "type(1.0) == double",
    "type('a') == string", "type(true) == bool", "type(b'a') == bytes", "type([]) == list", "type({}) == map",
    "type(1) == type(2)", "type(1) == type('a')", "dyn(1) == 1", "dyn('a') == 'a'",
    "int(timestamp('1970-01-01T00:01:00Z'))",
    "type(null) == null_type", "type(x) == int", "type(s) == string ? s.size() : x", "int(true)", "string([1])",
  ]

  private static let time = [
    "duration('1h')", "duration('90m')", "duration('1h30m')", "duration('1.5s')", "duration('8760h')",
    "duration('100ms')",
    "duration('-1m')", "duration('0s')", "duration('0')", "duration('1h') + duration('30m')",
    "duration('1h') - duration('30m')",
    "duration('8760h0m1s') <= duration('8760h')", "duration('8760h') <= duration('8760h')",
    "duration('999ms') >= duration('1s')",
    "duration('1000ms') >= duration('1s')", "duration('x')", "duration('1')", "timestamp('2020-01-02T03:04:05Z')",
    "timestamp('2020-01-02T03:04:05+01:00')", "timestamp('2020-01-01T00:00:00Z') + duration('24h')",
    "timestamp('2020-01-02T00:00:00Z') - timestamp('2020-01-01T00:00:00Z')",
    "timestamp('2020-01-02T00:00:00Z') - duration('24h')",
    "timestamp('2020-01-01T00:00:00Z') < timestamp('2020-01-02T00:00:00Z')",
    "timestamp('2020-02-29T03:04:05Z').getFullYear()", "timestamp('2020-02-29T03:04:05Z').getMonth()",
    "timestamp('2020-02-29T03:04:05Z').getDate()", "timestamp('2020-02-29T03:04:05Z').getDayOfMonth()",
    "timestamp('2020-02-29T03:04:05Z').getDayOfWeek()", "timestamp('2020-02-29T03:04:05Z').getDayOfYear()",
    "timestamp('2020-02-29T03:04:05Z').getHours()", "timestamp('2020-02-29T03:04:05Z').getMinutes()",
    "timestamp('2020-02-29T03:04:05Z').getSeconds()", "timestamp('2020-02-29T03:04:05.678Z').getMilliseconds()",
    "duration('90m').getHours()", "duration('90m').getMinutes()", "duration('90s').getSeconds()", "timestamp('x')",
    "timestamp('2020-13-01T00:00:00Z')", "timestamp('2020-02-29T03:04:05Z').getHours('+02:00')",
  ]
}
