import Testing

@testable import CommonExpressionLanguage

/// Literals as they are written.
@Suite struct LiteralTests {
  @Test(arguments: [
    (#"'a'"#, "a"), (#""a'b""#, "a'b"), (#"'a"b'"#, "a\"b"), (#"'\n\t\\\'\"\`\?'"#, "\n\t\\'\"`?"), (#"r'\n'"#, #"\n"#),
    (#"R"a\d+""#, #"a\d+"#), (#"'\x41\u00e9\U0001F600'"#, "Aé😀"), (#"'\101'"#, "A"), ("'''a\n'b'''", "a\n'b"),
    ("\"\"\"a\"b\"\"\"", "a\"b"), (#"r'''a\'''"#, #"a\"#), (#"'\a\b\f\v'"#, "\u{07}\u{08}\u{0C}\u{0B}"),
  ]) func texts(source: String, expected: String) {
    #expect(Expressions.result(source) == "\"\(expected)\"", "\(source)")
  }

  @Test(arguments: [
    (#"b'\xff\101a'"#, "bff 41 61"), (#"b'ü'"#, "bc3 bc"), (#"br'\x'"#, "b5c 78"), ("B\"\"\"a\"\"\"", "b61"),
  ]) func bytes(source: String, expected: String) {
    #expect(Expressions.result(source) == expected, "\(source)")
  }

  @Test(arguments: [
    ("9223372036854775808", "invalid int literal"), ("18446744073709551616u", "invalid uint literal"),
    (#"'\q'"#, "Syntax error: token recognition error"), ("'a", "Syntax error: token recognition error"),
    (#"'\ud800'"#, "Syntax error"), (#"'\400'"#, "Syntax error"), (#"b'\u0041'"#, "Syntax error"),
    ("'a\nb'", "Syntax error"),
    ("1 2", "Syntax error: extraneous input '2' expecting <EOF>"),
    ("#", "Syntax error: token recognition error at: '#'"),
    ("package", "reserved identifier: package"),
  ]) func refuses(source: String, expected: String) {
    #expect(Expressions.result(source).hasPrefix("error: \(expected)"), "\(source): \(Expressions.result(source))")
  }

  @Test func boundsLengthAndDepth() {
    let long = String(repeating: " ", count: 100_001)
    #expect(Expressions.result(long).contains("expression code point size exceeds limit"))
    for hostile in [
      String(repeating: "(", count: 300) + "1" + String(repeating: ")", count: 300),
      "1" + String(repeating: " + 1", count: 20_000), "a" + String(repeating: ".a", count: 20_000),
      String(repeating: "[", count: 40_000), String(repeating: "a.map(x,", count: 5_000),
      "1" + String(repeating: "[0]", count: 20_000), String(repeating: "{1:", count: 9_000),
    ] {
      #expect(Expressions.result(hostile).contains("expression recursion limit exceeded: 250"))
    }
    #expect(Expressions.result("true" + String(repeating: " && true", count: 10_000)) == "true")
    #expect(Expressions.result(String(repeating: "!", count: 10_000) + "true") == "true")
  }
}
