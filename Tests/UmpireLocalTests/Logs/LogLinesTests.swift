import KubernetesModel
import Testing

@testable import UmpireLocal

struct LogLinesTests {
  private static let log = """
    2026-01-01T00:00:00.000000Z one
    2026-01-01T00:00:01.500000Z two
    2026-01-01T00:00:02.000000Z \("")
    2026-01-01T00:00:03.000000Z three

    """

  /// What is shown of the log, whatever pieces it is read in.
  private func shown(_ lines: LogLines, of log: String = Self.log, by count: Int) -> String {
    var lines = lines
    var rest = Array(log.utf8)[...]
    var shown: [UInt8] = []
    while !rest.isEmpty, !lines.isExhausted {
      shown += lines.shown(of: Array(rest.prefix(count)))
      rest = rest.dropFirst(count)
    }
    return String(decoding: shown, as: UTF8.self)
  }

  @Test(arguments: [1, 7, 28, 29, 1000]) func timesAreLeftOutUnlessTheyAreWanted(count: Int) {
    #expect(self.shown(LogLines(), by: count) == "one\ntwo\n\nthree\n")
    #expect(self.shown(LogLines(showsTimes: true), by: count) == Self.log)
  }

  @Test(arguments: [1, 7, 28, 29, 1000]) func linesBeforeATimeAreLeftOut(count: Int) {
    let second = Timestamp(secondsSinceEpoch: 1_767_225_601)
    #expect(self.shown(LogLines(since: second), by: count) == "two\n\nthree\n")
    let third = Timestamp(secondsSinceEpoch: 1_767_225_602)
    #expect(self.shown(LogLines(since: third), by: count) == "\nthree\n")
    #expect(self.shown(LogLines(since: Timestamp(secondsSinceEpoch: 1_767_225_604)), by: count) == "")
  }

  @Test(arguments: [1, 3, 1000]) func theLimitCountsWhatIsShown(count: Int) {
    #expect(self.shown(LogLines(limitBytes: 5), by: count) == "one\nt")
    var lines = LogLines(limitBytes: 4)
    _ = lines.shown(of: Array(Self.log.utf8))
    #expect(lines.isExhausted)
  }

  @Test(arguments: [1, 5, 1000]) func aLineWithoutATimeIsShownAsItIs(count: Int) {
    let old = "plain\n2026 was good\n2026-01-01T00:00:00.000000Zx\nlast"
    #expect(self.shown(LogLines(since: Timestamp.now), of: old, by: count) == old)
  }
}
