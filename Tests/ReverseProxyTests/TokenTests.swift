import FoundationEssentials
import InMemoryLogging
import Logging
import TestSupport
import Testing

@testable import ReverseProxy

struct TokenTests {
  @Test(arguments: [
    ("a\nb\n", ["a", "b"]), ("a", ["a"]), ("# comment\n\n  a  \r\n\t\nb==\n", ["a", "b=="]), ("a\n\n\n", ["a"]),
  ])
  func aFileHasOneOnEachLine(text: String, tokens: [String]) throws {
    #expect(try TokenList.lines(Array(text.utf8), of: "f").map { String(decoding: $0, as: UTF8.self) } == tokens)
  }

  @Test(arguments: ["", "\n", "# a\n", "a b\n", "a,b\n", "===\n", "ok\nsecr\u{e9}t\n", "a\u{0}\n"])
  func aFileWithoutOneOrWithAnotherThingIsAnError(text: String) {
    let error = #expect(throws: TokenError.self) { try TokenList.lines(Array(text.utf8), of: "the-file") }
    #expect(error?.message.hasPrefix("the-file: ") == true)
    #expect(error?.message.contains("secr") == false)
  }

  @Test func aVariableHasCommas() throws {
    #expect(try TokenList.commaSeparated(" a, b,,c ", of: "V").count == 3)
    #expect(throws: TokenError.self) { try TokenList.commaSeparated(" , ", of: "V") }
    #expect(throws: TokenError.self) { try TokenList.commaSeparated("a,b c", of: "V") }
  }

  @Test func aChangedFileIsReadAgainAndABrokenOneChangesNothing() async throws {
    try await withFolder { folder in
      let path = folder + "/tokens"
      let handler = InMemoryLogHandler()
      let store = TokenStore(.file(path), logger: Logger(label: "test", factory: { _ in handler }))
      #expect(throws: TokenError.self) { try store.load() }
      #expect(!store.contains("first".utf8))

      try FileText.write("first\n", to: path)
      try store.load()
      #expect(store.contains("first".utf8))
      #expect(store.status == .init(count: 1, reloads: 0, error: nil))

      try FileText.write("second\nthird\n", to: path)
      store.look()
      #expect(!store.contains("first".utf8) && store.contains("second".utf8) && store.contains("third".utf8))
      #expect(store.status == .init(count: 2, reloads: 1, error: nil))
      store.look()
      #expect(store.status.reloads == 1)

      for text in ["", "no token of ours\n", String(repeating: "a\n", count: 40_000)] {
        try FileText.write(text, to: path)
        store.look()
        store.look()
        #expect(store.contains("second".utf8) && store.status.count == 2)
        #expect(store.status.error?.hasPrefix(path) == true)
      }
      #expect(handler.entries.filter { $0.level == .warning }.count == 3)
      #expect(!handler.entries.contains { "\($0)".contains("second") || "\($0)".contains("no token of ours") })

      try FileText.write("fourth\n", to: path)
      store.look()
      #expect(store.contains("fourth".utf8) && !store.contains("second".utf8))
      #expect(store.status == .init(count: 1, reloads: 2, error: nil))
      var dumped = ""
      dump(store, to: &dumped)
      #expect(!dumped.contains("fourth"))
    }
  }

  @Test(.timeLimit(.minutes(1))) func aFileIsLookedAtInEveryPeriod() async throws {
    try await withFolder { folder in
      let path = folder + "/tokens"
      try FileText.write("first\n", to: path)
      let store = TokenStore(.file(path), period: .milliseconds(1), logger: .silent)
      try store.load()
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { await store.run() }
        try FileText.write("second\n", to: path)
        try await eventually("the second is valid") { store.contains("second".utf8) }
        group.cancelAll()
      }
    }
  }
}

enum FileText {
  static func write(_ text: String, to path: String) throws {
    try Data(text.utf8).write(to: URL(filePath: path), options: .atomic)
  }
}
