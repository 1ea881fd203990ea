import FoundationEssentials
import Testing

@testable import ProcessNode

struct ContainerLogTests {
  private func append(_ text: String, to log: ContainerLog) throws {
    var text = text
    try text.withUTF8 { try log.append(UnsafeRawBufferPointer($0)) }
  }

  @Test func appendsOverSeveralRuns() async throws {
    try await withTemporaryFolder { folder in
      let path = "\(folder)/a/b/main.log"
      try self.append("one\n", to: ContainerLog(path: path, limit: 100))
      try self.append("two\n", to: ContainerLog(path: path, limit: 100))
      #expect(text(path) == "one\ntwo\n")
    }
  }

  @Test func keepsTwoFilesOfBoundedSize() async throws {
    try await withTemporaryFolder { folder in
      let path = "\(folder)/main.log"
      let log = try ContainerLog(path: path, limit: 10)
      for number in 0..<5 { try self.append("line \(number)\n", to: log) }
      #expect(text(path) == "line 4\n")
      #expect(text(path + ".1") == "line 3\n")
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder).count == 2)
    }
  }

  @Test func aNameCannotLeaveTheFolder() {
    let configuration = LocalNodeConfiguration(dataDirectory: "/data")
    #expect(configuration.logPath(namespace: "games", pod: "p", container: "c") == "/data/logs/games/p/c.log")
    #expect(configuration.logPath(namespace: "..", pod: "../../x", container: "a/b") == "/data/logs/_/.._.._x/a_b.log")
  }
}
