import Testing

@testable import CommonExpressionLanguage

/// What expressions may cost, which a kube-apiserver finds out in the same way.
@Suite struct CostTests {
  private static func text(_ size: UInt64) -> JSONShape {
    JSONShape(.string, limits: .init(maximumSize: size, minimumBytes: 2))
  }
  private static let shape = JSONShape(
    .object([
      "up": JSONShape(.int), "name": Self.text(3_145_726), "short": Self.text(40),
      "names": JSONShape(.list(Self.text(3_145_726), .position), limits: .init(maximumSize: 1_048_575)),
      "few": JSONShape(.list(Self.text(40), .position), limits: .init(maximumSize: 10)),
      "m": JSONShape(.map(Self.text(40)), limits: .init(maximumSize: 5)),
    ]), name: "selfType")

  @Test(arguments: [
    ("self.up > 0", 3), ("self.up > 0 && self.up < 5", 6), ("self.name == 'abc'", 3), ("has(self.up)", 1),
    ("[1, 2].exists(x, x > 1)", 23), ("self.short.startsWith('abc')", 3), ("self.few.all(x, x == 'a')", 53),
    ("self.few.all(x, self.few.all(y, x == y))", 963), ("self.m.all(k, self.m[k] == 'a')", 43),
    ("self.short.matches('^a+$')", 7), ("size(self.few) < 3", 4), ("type(self.up) == int", 4),
    ("self.up in [1, 2, 3]", 15), ("self.short.contains('ab')", 6), ("self.few.map(x, x + 'a').size() > 0", 195),
    ("dyn(self.up) == 1", 3), ("self.few.filter(x, x == 'b').size() > 0", 165), ("self.few.join(',').size() > 0", 45),
    ("self.few[0] == 'a'", 4), ("self.up > 0 ? self.short == 'a' : self.few.exists(x, x == 'b')", 66),
    ("self.few.isSorted()", 52), ("self.short.replace('a', 'bb').size() > 3", 12),
    ("self.short.split(',').size() > 3", 12), ("self.few.reverse() == self.few", 26),
    ("self.few.exists_one(x, x == 'a')", 44), ("self.few.exists(x, x.startsWith('a') && x.endsWith('b'))", 83),
    ("self.few.map(x, x.size()) == [1]", 164), ("sets.contains(self.few, self.few)", 105),
    ("self.short.find('a+') == 'a'", 8), ("quantity(self.short).isGreaterThan(quantity('1'))", 8),
    ("self.few.min() == 'a'", 53), ("self.few.indexOf('a') == 1", 53), ("self.short.indexOf('a') == 1", 7),
    ("optional.of(self.up).optMap(x, x + 1).orValue(2) == 3", 23), ("self.short + self.short == self.short", 18),
    ("self.few.slice(0, 1) == self.few", 17), ("[self.few].flatten() == self.few", 27),
    ("self.few.first().orValue('a') == 'b'", 5), ("string(self.up) == 'a'", 4),
    ("self.few.sort() == self.few", 226), ("self.few.distinct().size() > 1", 215),
    ("self.few.all(i, v, v == 'a' && i < 3)", 73), ("self.few.transformList(i, v, v).size() > 0", 145),
  ]) func estimates(source: String, expected: UInt64) throws {
    let program = try Program(source, variables: ["self": Self.shape.type])
    #expect(program.estimatedCost(Self.shape) == expected, "\(source)")
  }

  @Test(arguments: [
    "self.names.all(x, self.names.all(y, x == y))", "type(self.up) == type(1)", "string(self.up) == string(self.up)",
  ]) func findsWhatHasNoBound(source: String) throws {
    let program = try Program(source, variables: ["self": Self.shape.type])
    #expect(program.estimatedCost(Self.shape) > 1_000_000_000, "\(source)")
  }

  @Test func anEvaluationCostsNoMoreThanEstimated() throws {
    let list = Value.list((0..<10).map { .string("text\($0)") })
    let variables: [String: Value] = [
      "self": .map(try Self.map(["few": list, "up": .int(1), "short": .string("abcdefgh")]))
    ]
    for source in [
      "self.few.all(x, x == 'a' || x != 'b')", "self.few.all(x, self.few.all(y, x == y || x != y))",
      "self.few.map(x, x + 'a').size() > 0", "self.short.matches('^a+$') || self.up > 0",
    ] {
      let program = try Program(source, variables: ["self": Self.shape.type])
      #expect(program.evaluate(variables).cost <= Int(program.estimatedCost(Self.shape)) + 20, "\(source)")
    }
  }

  private static func map(_ fields: [String: Value]) throws -> MapValue {
    var map = MapValue()
    for (name, value) in fields { try map.insert(value, for: .string(name)) }
    return map
  }
}
