import KubernetesClient
import KubernetesModel
import Testing

@testable import KubernetesRuntime

@Suite struct WatchPositionTests {
  @Test func followsTheHistory() {
    var position = WatchPosition()
    #expect(position.next == .list)
    position.listed(at: "5")
    #expect(position.next == .watch("5"))
    position.saw("9")
    #expect(position.next == .watch("9"))
    position.saw("")
    #expect(position.next == .watch("9"))
  }

  @Test func aBrokenWatchGoesOnWhereItWas() {
    var position = WatchPosition()
    position.listed(at: "5")
    let first = position.failed(isExpired: false)
    let second = position.failed(isExpired: false)
    #expect(first < second)
    #expect(position.next == .watch("5"))
  }

  @Test func anExpiredWatchListsAnew() {
    var position = WatchPosition()
    position.listed(at: "5")
    _ = position.failed(isExpired: true)
    #expect(position.next == .list)
  }

  @Test func aServerThatEndsEveryWatchAtOnceIsAskedLessAndLess() {
    var position = WatchPosition()
    position.listed(at: "5")
    let pauses = (0..<4).map { _ in position.ended() }
    #expect(pauses == [.milliseconds(100), .milliseconds(200), .milliseconds(400), .milliseconds(800)])
    position.saw("6")
    let afterNews = position.ended()
    #expect(afterNews == nil)
    #expect(position.next == .watch("6"))
    let afterNothing = position.ended()
    #expect(afterNothing == .milliseconds(100))
  }

  @Test func aListThatIsExpiredAgainAndAgainBacksOff() {
    var position = WatchPosition()
    position.listed(at: "5")
    let first = position.failed(isExpired: true)
    position.listed(at: "6")
    let second = position.failed(isExpired: true)
    #expect(second > first)
  }

  @Test func aFailureSaysHowToGoOn() {
    let busy = WatchFailure(
      APIError(Status(code: 429, reason: nil, message: "", details: .init(retryAfterSeconds: 7))))
    #expect(busy.minimumDelay == .seconds(7))
    #expect(busy.isExpected && !busy.isExpired)
    let gone = WatchFailure(APIError(Status(code: 410, reason: "Expired", message: "")))
    #expect(gone.isExpired && gone.isExpected)
    #expect(!WatchFailure(APIError(Status(code: 403, reason: "Forbidden", message: ""))).isExpected)
    #expect(!WatchFailure(APIError(.malformedAnswer, "")).isExpected)
  }
}
