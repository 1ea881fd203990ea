import KubernetesModel
import Testing

struct LabelQueryTests {
  private static let labels = ["app": "x", "tier": "front", "rank": "7"]

  @Test(arguments: [
    ("", true), ("app=x", true), ("app==x", true), ("app=y", false), ("app!=x", false), ("app!=y", true),
    ("other!=y", true), ("app", true), ("other", false), ("!other", true), ("!app", false), ("app in (x,y)", true),
    ("app in (y)", false), ("app notin (y, z)", true), ("other notin (y)", true), ("app notin (x)", false),
    ("rank>6", true), ("rank>7", false), ("rank<8", true), ("app>1", false), ("app in (x,y),!tier", false),
    ("app=x,tier=front", true), (" app = x , tier ", true), ("app=", false), ("app in (,x)", true),
    ("example.com/a!=b", true),
  ]) func matches(text: String, expected: Bool) throws {
    #expect(try LabelQuery(text).matches(Self.labels) == expected)
  }

  @Test(arguments: [
    "app is x", "app=x,", ",app", "app in x", "app in (x", "=x", "app=x y", "app=(x)", "a/b/c=d", "-a=b", "a=-b",
    "rank>x", "!", "!!a", "a=b=c", String(repeating: "k", count: 64),
  ]) func refuses(text: String) {
    #expect(throws: SelectorError.self) { try LabelQuery(text) }
  }

  @Test func wordsAnUnknownOperatorAsTheRealServerDoes() {
    #expect(
      throws: SelectorError("unable to parse requirement: found 'is', expected: in, notin, =, ==, !=, gt, lt")
    ) {
      try LabelQuery("app is x")
    }
  }

  @Test(arguments: ["a=b,c!=d,e in (x,y),f notin (x,y),g,!h,i>5,j<6"]) func textSurvivesARoundTrip(text: String) throws
  {
    #expect(try LabelQuery(text).description == text)
  }

  @Test func aSelectorIsTheSameQuery() {
    let selector = LabelSelector(
      matchLabels: ["b": "2", "a": "1"],
      matchExpressions: [
        .init(key: "c", operator: .isIn, values: ["x", "y"]), .init(key: "d", operator: .notIn, values: ["z"]),
        .init(key: "e", operator: .exists), .init(key: "f", operator: .doesNotExist),
      ])
    #expect(selector.query.description == "a=1,b=2,c in (x,y),d!=z,e,!f")
    #expect(selector.matches(["a": "1", "b": "2", "c": "y", "e": ""]))
    #expect(!selector.matches(["a": "1", "b": "2", "c": "y"]))
    #expect(LabelSelector().matches(nil))
  }
}

struct FieldSelectorTests {
  @Test func readsRequirements() throws {
    let selector = try FieldSelector(#"metadata.name=x,status.phase!=Running,a==b\,c\=d\\"#)
    #expect(
      selector.requirements == [
        .init(field: "metadata.name", value: "x"), .init(field: "status.phase", value: "Running", isEqual: false),
        .init(field: "a", value: #"b,c=d\"#),
      ])
    #expect(try FieldSelector(selector.description) == selector)
    #expect(selector.requirements[1].matches(nil))
    #expect(!selector.requirements[0].matches(nil))
  }

  @Test(arguments: ["metadata.name", "a!b", #"a=b\"#, #"a=\x"#, "a=b=c"]) func refuses(text: String) {
    #expect(throws: SelectorError.self) { try FieldSelector(text) }
  }
}

struct LabelSyntaxTests {
  @Test func tellsGoodFromBad() {
    #expect(LabelSyntax.fault(inSubdomain: "a-b.c1") == nil)
    for bad in ["", "A", "-a", "a-", "a..b", "a_b", String(repeating: "a", count: 254)] {
      #expect(LabelSyntax.fault(inSubdomain: bad) != nil)
    }
    #expect(LabelSyntax.fault(inLabel: "a.b") != nil)
    #expect(LabelSyntax.fault(inKey: "umpire.dev/Fleet_1") == nil)
    for bad in ["", "/a", "a/", "A/b", "a/b/c", "a b", String(repeating: "a", count: 64)] {
      #expect(LabelSyntax.fault(inKey: bad) != nil)
    }
    #expect(LabelSyntax.fault(inValue: "") == nil)
    #expect(LabelSyntax.fault(inValue: "a b") != nil)
  }
}
