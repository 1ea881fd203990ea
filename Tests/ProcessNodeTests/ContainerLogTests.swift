import FoundationEssentials
import KubernetesModel
import Synchronization
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
      #expect(written(path) == "one\ntwo\n")
    }
  }

  @Test func everyLineIsBehindItsTime() async throws {
    try await withTemporaryFolder { folder in
      let time = Mutex(Timestamp(microsecondsSinceEpoch: 1_767_225_600_000_001))
      let path = "\(folder)/main.log"
      let log = try ContainerLog(path: path, limit: 1000) { time.withLock { $0 } }
      try self.append("a\nb", to: log)
      time.withLock { $0 = $0.advanced(by: .seconds(1)) }
      try self.append("c\n\n", to: log)
      #expect(
        text(path) == """
          2026-01-01T00:00:00.000001Z a
          2026-01-01T00:00:00.000001Z bc
          2026-01-01T00:00:01.000001Z \("")

          """)
    }
  }

  @Test func aNewRunSetsTheOneBeforeAside() async throws {
    try await withTemporaryFolder { folder in
      let path = "\(folder)/main.log"
      for run in 1...3 {
        let log = try ContainerLog(path: path, limit: 60, startsRun: true)
        for part in ["a", "b"] { try self.append("run \(run)\(part)\n", to: log) }
      }
      #expect(written(path) == "run 3b\n")
      #expect(written(path + ".1") == "run 3a\n")
      #expect(written(path + ".previous") == "run 2b\n")
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder).count == 3)
    }
  }

  @Test func keepsTwoFilesOfBoundedSize() async throws {
    try await withTemporaryFolder { folder in
      let path = "\(folder)/main.log"
      let log = try ContainerLog(path: path, limit: 10)
      for number in 0..<5 { try self.append("line \(number)\n", to: log) }
      #expect(written(path) == "line 4\n")
      #expect(written(path + ".1") == "line 3\n")
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder).count == 2)
    }
  }

  @Test func aNameCannotLeaveTheFolder() {
    let configuration = LocalNodeConfiguration(dataDirectory: "/data")
    #expect(configuration.logPath(namespace: "games", pod: "p", container: "c") == "/data/logs/games/p/c.log")
    #expect(configuration.logPath(namespace: "..", pod: "../../x", container: "a/b") == "/data/logs/_/.._.._x/a_b.log")
  }
}
