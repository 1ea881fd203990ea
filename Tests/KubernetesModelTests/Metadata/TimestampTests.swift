import KubernetesModel
import Testing

@Suite struct TimestampTests {
  @Test(arguments: [
    ("1970-01-01T00:00:00Z", 0), ("2026-11-21T08:51:00Z", 1_795_251_060), ("2000-02-29T12:00:00Z", 951_825_600),
    ("1969-12-31T23:59:59Z", -1), ("2026-11-21T09:51:00+01:00", 1_795_251_060),
  ])
  func parsesRFC3339(text: String, seconds: Int64) {
    #expect(Timestamp(text)?.secondsSinceEpoch == seconds)
  }

  @Test(arguments: [
    "", "2026-11-21", "2026-13-01T00:00:00Z", "2026-02-29T00:00:00Z", "2026-11-21T24:00:00Z", "2026-11-21T08:51:00",
    "2026-11-21T08:51:00.Z", "2026-11-21T08:51:00+0100", "2026-11-21T08:51:00ZZ", "2026-11-21 08:51:00Z",
  ])
  func refusesAnythingElse(text: String) {
    #expect(Timestamp(text) == nil)
  }

  @Test func keepsMicroseconds() {
    let time = Timestamp("2026-11-21T08:51:00.123456Z")
    #expect(time?.formatted(fraction: true) == "2026-11-21T08:51:00.123456Z")
    #expect(time?.description == "2026-11-21T08:51:00Z")
  }

  @Test func everyDayOfFourCenturiesComesBack() {
    for day in stride(from: Int64(-50_000), to: 100_000, by: 13) {
      let time = Timestamp(secondsSinceEpoch: day * 86_400 + 3_723)
      #expect(Timestamp(time.description) == time)
    }
  }

  @Test func measuresDurations() {
    let early = Timestamp(secondsSinceEpoch: 100)
    #expect(early.advanced(by: .milliseconds(1_500)).duration(since: early) == .milliseconds(1_500))
  }
}

@Suite struct GoDurationTests {
  @Test(arguments: [
    ("500ms", 500_000_000), ("5m", 300_000_000_000), ("1h30m", 5_400_000_000_000), ("1.5s", 1_500_000_000), ("0", 0),
    ("-2s", -2_000_000_000), ("1us", 1_000), ("1h0m0.5s", 3_600_500_000_000),
  ])
  func parses(text: String, nanoseconds: Int64) {
    #expect(GoDuration(text)?.duration == .nanoseconds(nanoseconds))
  }

  @Test(arguments: ["", "5", "m", "5 m", "5x", ".s", "1..5s", "-", "999999999h"])
  func refuses(text: String) {
    #expect(GoDuration(text) == nil)
  }

  @Test(arguments: ["0s", "500ms", "5m0s", "1h30m0s", "1.5s", "40m0s", "1µs", "250ns", "-2s"])
  func printsAsGoDoes(text: String) {
    #expect(GoDuration(text)?.description == text)
  }
}
