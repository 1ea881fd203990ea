import FoundationEssentials
import Logging
import Synchronization
import Testing

@testable import Observability

struct LineLogHandlerTests {
  private let lines = Lines()

  private final class Lines: Sendable {
    let all = Mutex<[String]>([])
  }

  private func logger(_ format: LineLogHandler.Format) -> Logger {
    let lines = self.lines
    return Logger(label: "umpire.test") { label in
      LineLogHandler(
        label: label, format: format, level: .debug,
        output: LogOutput { line in lines.all.withLock { $0.append(line) } },
        now: { Date(timeIntervalSince1970: 1_700_000_000.5) })
    }
  }

  @Test func writesJSON() {
    var logger = self.logger(.json)
    logger[metadataKey: "game.type"] = "arena"
    logger.info(
      "Scaled",
      metadata: [
        "replicas": .stringConvertible(5), "dry": .stringConvertible(true), "names": ["a", "b"],
        "nested": ["k": "v"],
      ])
    logger.trace("too low")
    #expect(
      self.lines.all.withLock { $0 } == [
        #"{"time":"2023-11-14T22:13:20.500Z","level":"info","label":"umpire.test","message":"Scaled","#
          + #""metadata":{"dry":true,"game.type":"arena","names":["a","b"],"nested":{"k":"v"},"replicas":5}}"# + "\n"
      ])
  }

  @Test func staysOneValidLineWhateverIsLogged() throws {
    struct Line: Decodable {
      var message: String
      var metadata: [String: String]
    }
    let nasty = "quote\" back\\ line\nfeed\r tab\t bell\u{7} del\u{7f} 😀 \u{2028}"
    self.logger(.json).error("\(nasty)", metadata: ["\(nasty)": "\(nasty)"])
    let text = self.lines.all.withLock { $0[0] }
    #expect(text.unicodeScalars.filter { $0 == "\n" }.count == 1)
    let line = try JSONDecoder().decode(Line.self, from: Data(text.utf8))
    #expect(line.message == nasty)
    #expect(line.metadata == [nasty: nasty])
  }

  @Test func boundsLengthAndDepth() {
    var deep: Logger.MetadataValue = "end"
    for _ in 0..<100 { deep = ["a": deep] }
    self.logger(.json).info("m", metadata: ["deep": deep, "long": "\(String(repeating: "x", count: 1 << 20))"])
    let text = self.lines.all.withLock { $0[0] }
    #expect(text.utf8.count < 5000)
    #expect(text.contains(#"{"a":{"a":{"a":"…"}}}"#))
  }

  @Test func writesPlainLinesForPeople() {
    self.logger(.plain).warning("Slow\nanswer", metadata: ["b": "2", "a": "1"])
    #expect(self.lines.all.withLock { $0 } == ["22:13:20.500 warning umpire.test: Slow answer a=1 b=2\n"])
  }
}
