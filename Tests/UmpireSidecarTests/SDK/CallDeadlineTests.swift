import Testing

@testable import UmpireSidecar

struct CallDeadlineTests {
  @Test(arguments: [
    ("1S", Duration.seconds(1)), ("99999999n", .nanoseconds(99_999_999)), ("5m", .milliseconds(5)),
    ("250u", .microseconds(250)), ("2M", .seconds(120)), ("99999999H", .seconds(359_999_996_400)), ("0S", .zero),
  ])
  func everyUnitIsRead(text: String, duration: Duration) {
    #expect(CallDeadline.duration(text) == duration)
  }

  @Test(arguments: ["", "S", "1", "1s", "-1S", "+1S", " 1S", "1.5S", "999999999n", "1 S", "１S"])
  func anythingElseIsNone(text: String) {
    #expect(CallDeadline.duration(text) == nil)
  }
}
