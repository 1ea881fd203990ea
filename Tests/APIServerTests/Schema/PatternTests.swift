import Testing

@testable import APIServer

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

  @Test func takesLinearTimeWhereBacktrackingTakesForEver() throws {
    let pattern = try Pattern("^(a+)+$")
    #expect(!pattern.matches(String(repeating: "a", count: 2_000) + "b"))
  }
}
