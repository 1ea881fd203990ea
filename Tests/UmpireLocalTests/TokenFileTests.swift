import Testing

@testable import UmpireLocal

struct TokenFileTests {
  @Test(arguments: [
    ("secret\n", ["secret"]),
    ("one\ntwo", ["one", "two"]),
    ("one\r\n\r\n  \ntwo\r\n", ["one", "two"]),
    ("one\none\n", ["one"]),
    ("abc,alice,1\ndef,bob,2,\"group1,group2\"\n", ["abc", "def"]),
    ("\"quoted\",alice,1", ["quoted"]),
    ("\"a\"\"b\",alice,1,\"x\"\"y\"", ["a\"b"]),
    ("abc.def-_~+/==\n", ["abc.def-_~+/=="]),
  ])
  func tokensAreTheFirstFields(text: String, expected: [String]) throws {
    #expect(try TokenFile.parse(Array(text.utf8), file: "tokens") == expected)
  }

  @Test(arguments: [
    ("", "tokens: no token in it"),
    ("\n \n", "tokens: no token in it"),
    ("ok\nabc,alice\n", "tokens:2: write token,user,uid or a token alone; there are 2 fields"),
    (",alice,1", "tokens:1: the token is empty"),
    ("two words", "tokens:1: a token has visible ASCII characters only"),
    ("t\u{f6}ken", "tokens:1: a token has visible ASCII characters only"),
    ("\"abc,alice,1", "tokens:1: a quotation mark is not closed"),
    ("a\"b,alice,1", "tokens:1: a quotation mark in the middle of a field"),
    ("\"a\"b,alice,1", "tokens:1: a quotation mark in the middle of a field"),
  ])
  func badFilesAreToldByTheirLine(text: String, message: String) {
    #expect(throws: LocalError(.badData, message)) { try TokenFile.parse(Array(text.utf8), file: "tokens") }
  }

  @Test func tokensHaveABound() throws {
    let lines = (0...TokenFile.maximumTokens).map { "token\($0)" }
    #expect(try TokenFile.parse(Array(lines.dropLast().joined(separator: "\n").utf8), file: "f").count == 1000)
    let error = #expect(throws: LocalError.self) {
      try TokenFile.parse(Array(lines.joined(separator: "\n").utf8), file: "f")
    }
    #expect(error?.exitCode == .badData)
  }

  @Test func aMissingFileIsToldByItsName() {
    let error = #expect(throws: LocalError.self) { try TokenFile.read("/nonexistent/tokens") }
    #expect(error?.exitCode == .noInput)
    #expect(error?.message == "--token-file /nonexistent/tokens: there is no such file")
  }
}
