import KubernetesModel
import Testing

@testable import SidecarPlugins

struct ResultPathTests {
  private static let document = """
    {"name": {"first": "Tom", "a.b": "dotted"}, "age": 37, "ratio": 0.5, "ok": true, "none": null, "big": 9007199254740993,
     "children": ["Sara", "Alex"], "friends": [{"first": "Dale", "age": 44}, {"first": "Roger"}, 3], "#": "hash", "@x": 1}
    """

  @Test(arguments: [
    ("name.first", "Tom"), ("age", "37"), ("ratio", "0.5"), ("ok", "true"), ("big", "9007199254740993"),
    ("name.a\\.b", "dotted"), ("children.1", "Alex"), ("children.#", "2"), ("friends.#.first", #"["Dale","Roger"]"#),
    ("friends.0.age", "44"), ("friends.#.age", "[44]"), ("\\#", "hash"), ("\\@x", "1"),
    ("children", #"["Sara","Alex"]"#),
    ("friends.#.none", "[]"),
  ])
  func findsWhatStandsThere(path: String, text: String) throws {
    let document = try JSONValue(parsing: Array(Self.document.utf8))
    let value = try #require(try ResultPath(path).value(in: document))
    #expect(ResultPath.text(value) == text)
  }

  @Test(arguments: ["nothing", "name.first.x", "children.2", "children.-1", "children.x", "age.#", "name.#"])
  func findsNothingWhereNothingIs(path: String) throws {
    let document = try JSONValue(parsing: Array(Self.document.utf8))
    #expect(try ResultPath(path).value(in: document) == nil)
  }

  @Test(arguments: [
    ("child*", "wildcards (*)"), ("c?ld", "wildcards (?)"), ("a|b", "pipes (|)"),
    ("friends.#(age>40).first", "queries"),
    ("@reverse", "modifiers"), ("a.@this", "modifiers"), ("!true", "literals"), ("{a,b}", "several paths"),
    ("[a,b]", "several paths"), ("a..b", "empty step"), (".a", "empty step"), ("a.", "empty step"), ("", "empty"),
    ("a\\", "ends in a"),
  ])
  func saysWhatIsNotSupported(path: String, word: String) {
    do throws(ResultPathFault) {
      _ = try ResultPath(path)
      Issue.record("it was taken")
    } catch {
      #expect(error.description.contains(word))
    }
  }
}
