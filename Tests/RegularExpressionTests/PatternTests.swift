import Testing

@testable import RegularExpression

struct PatternTests {
  private static let cases: [(String, String, Bool)] = [
    ("^[0-9]+(ms|s|m|h)$", "15ms", true), ("^[0-9]+(ms|s|m|h)$", "soon", false), ("b", "abc", true),
    ("^b", "abc", false), ("c$", "abc", true), ("^$", "", true), ("a.c", "a\nc", false), ("a.c", "abc", true),
    ("^(a|b)*c$", "ababc", true), ("^a{2,3}$", "a", false), ("^a{2,3}$", "aaa", true), ("^a{2,3}$", "aaaa", false),
    ("^a{2,}$", "aaaaa", true), ("^a{2}$", "aa", true), ("^a{,2}$", "a{,2}", true), ("^[^a-c]+$", "xyz", true),
    ("^[^a-c]+$", "xbz", false), (#"^\d+\.\d*$"#, "12.", true), (#"^[\w-]+$"#, "a_b-9", true), (#"^[\W]$"#, "a", false),
    ("^[]a]+$", "]a", true), ("^[a-]+$", "-a", true), (#"^\x41\x{42}$"#, "AB", true), ("^(?:ab)?c$", "c", true),
    ("^(?P<n>ab)+?c$", "ababc", true), (#"\bfoo\b"#, "a foo b", true), (#"\bfoo\b"#, "afoob", false),
    ("^[[:alpha:]]+$", "abC", true), ("^[[:digit:]_]+$", "1_2", true), ("^ü+$", "üü", true), ("^a|b$", "xb", true),
    ("", "anything", true), ("^(a*)*$", "aaaa", true), ("^(|a)+$", "aa", true),
  ]

  @Test(arguments: Self.cases) func matches(pattern: String, text: String, expected: Bool) throws {
    #expect(try Pattern(pattern).matches(text) == expected)
  }

  @Test(arguments: [
    "(", ")", "[a", "*a", "a**", "a{3,2}", "a{1001}", #"\"#, "(?=a)", "(?<=a)", #"\q"#, "[b-a]", "(?Px)", "[[:none:]]",
    "((a{100}){100}){100}",
  ]) func refuses(pattern: String) {
    #expect(throws: PatternFault.self) { try Pattern(pattern) }
  }

  @Test(arguments: [
    ("a+", "xaay", "aa"), ("a+?", "xaay", "a"), ("a|ab", "xab", "a"), ("ab|a", "xab", "ab"), ("b*", "abb", ""),
    ("[0-9]+", "v12.345", "12"), ("ü.", "xüéz", "üé"), ("x*?y", "xxy", "xxy"), ("(a|b)+c|b", "abab", "b"),
  ]) func findsWhatABacktrackingSearchFindsFirst(pattern: String, text: String, expected: String) throws {
    let scalars = Array(text.unicodeScalars)
    let range = try #require(try Pattern(pattern).firstMatch(in: scalars, from: 0))
    #expect(String(String.UnicodeScalarView(scalars[range])) == expected)
  }

  @Test func findsNothingWhereNothingMatches() throws {
    #expect(try Pattern("b").firstMatch(in: Array("abc".unicodeScalars), from: 2) == nil)
    #expect(try Pattern("^b").firstMatch(in: Array("abc".unicodeScalars), from: 1) == nil)
    #expect(try Pattern("c$").firstMatch(in: Array("abc".unicodeScalars), from: 1) == 2..<3)
  }

  @Test func takesLinearTimeWhereBacktrackingTakesForEver() throws {
    let pattern = try Pattern("^(a+)+$")
    #expect(!pattern.matches(String(repeating: "a", count: 2_000) + "b"))
  }
}
