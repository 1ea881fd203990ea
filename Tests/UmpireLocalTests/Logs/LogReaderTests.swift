import FoundationEssentials
import Glibc
import Synchronization
import Testing

@testable import UmpireLocal

struct LogReaderTests {
  private let folder = FileManager.default.temporaryDirectory.appending(path: "umpire-log-\(UUID().uuidString)").path

  private func withLog(_ body: (String) throws -> Void) throws {
    try FileManager.default.createDirectory(atPath: self.folder, withIntermediateDirectories: true)
    // What is left in the temporary folder harms nobody.
    defer { try? FileManager.default.removeItem(atPath: self.folder) }
    try body("\(self.folder)/log")
  }

  private func write(_ text: String, to path: String) throws { try Data(text.utf8).write(to: URL(filePath: path)) }

  private func next(_ reader: inout LogReader) throws -> String { String(decoding: try reader.next(), as: UTF8.self) }

  @Test func aFileThatIsNotThereIsEmptyUntilItIs() throws {
    try self.withLog { path in
      var reader = LogReader(path: path)
      #expect(try self.next(&reader) == "")
      try self.write("one\n", to: path)
      #expect(try self.next(&reader) == "one\n")
      #expect(try self.next(&reader) == "")
    }
  }

  @Test(arguments: [
    (0, ""), (1, "three\n"), (2, "two\nthree\n"), (3, "one\ntwo\nthree\n"), (9, "one\ntwo\nthree\n"),
  ])
  func beginsWithTheLastLines(lines: Int, expected: String) throws {
    try self.withLog { path in
      try self.write("one\ntwo\nthree\n", to: path)
      var reader = LogReader(path: path, tailLines: lines)
      #expect(try self.next(&reader) == expected)
    }
  }

  @Test func aLineWithoutAnEndCounts() throws {
    try self.withLog { path in
      try self.write("one\ntwo", to: path)
      var reader = LogReader(path: path, tailLines: 1)
      #expect(try self.next(&reader) == "two")
    }
  }

  @Test func findsLinesFarFromTheEnd() throws {
    try self.withLog { path in
      let long = String(repeating: "x", count: 3 * LogReader.chunkBytes)
      try self.write("first\n\(long)\n", to: path)
      var reader = LogReader(path: path, tailLines: 1)
      var text = ""
      while case let chunk = try self.next(&reader), !chunk.isEmpty { text += chunk }
      #expect(text == long + "\n")
    }
  }

  @Test func goesOnWithTheFileThatReplacesAnother() throws {
    try self.withLog { path in
      try self.write("one\n", to: path)
      var reader = LogReader(path: path)
      #expect(try self.next(&reader) == "one\n")
      let file = try #require(fopen(path, "a"))
      fputs("two\n", file)
      fclose(file)
      try FileManager.default.moveItem(atPath: path, toPath: path + ".1")
      try self.write("three\n", to: path)
      #expect(try self.next(&reader) == "two\n")
      #expect(try self.next(&reader) == "three\n")
      #expect(try self.next(&reader) == "")
    }
  }

  @Test(.timeLimit(.minutes(1))) func aFollowedStreamEndsAfterTheContainer() async throws {
    try FileManager.default.createDirectory(atPath: self.folder, withIntermediateDirectories: true)
    // What is left in the temporary folder harms nobody.
    defer { try? FileManager.default.removeItem(atPath: self.folder) }
    let path = "\(self.folder)/log"
    try self.write("one\n", to: path)
    let asked = Mutex(0)
    let write = self.write
    let stream = LogStream(
      reader: LogReader(path: path),
      hasEnded: {
        let count = asked.withLock { count in
          count += 1
          return count
        }
        // The container writes its last line, and ends.
        if count == 3 { try write("one\ntwo\n", path) }
        return count >= 3
      }, pollInterval: .milliseconds(1))
    #expect(try await stream.next() == Array("one\n".utf8))
    #expect(try await stream.next() == Array("two\n".utf8))
    #expect(try await stream.next() == nil)
  }
}
