import HTTPTransport
import KubernetesClient
import Testing

@testable import UmpireLocal

struct AccessWaitTests {
  private static let down = APIError(.transport(TransportError(.connect, "refused")), "refused")
  private static let denied = APIError(.transport(TransportError(.security, "unknown authority")), "unknown authority")

  /// What became of asking a server that fails so often: how many reports, which pauses, and the failure.
  private func ask(failing failures: Int, _ error: APIError) async -> (reports: Int, pauses: [Duration], isUp: Bool) {
    var left = failures
    var reports = 0
    var pauses: [Duration] = []
    do {
      try await AccessWait(limit: .seconds(20)).run(
        asking: {
          left -= 1
          if left >= 0 { throw error }
        }, report: { _ in reports += 1 }, sleep: { pauses.append($0) })
      return (reports, pauses, true)
    } catch {
      return (reports, pauses, false)
    }
  }

  @Test func waitsLongerAndLongerForAServerThatIsNotUp() async {
    let found = await self.ask(failing: 6, Self.down)
    #expect(found.isUp)
    #expect(found.reports == 1)
    #expect(
      found.pauses == [.milliseconds(250), .milliseconds(500), .seconds(1), .seconds(2), .seconds(4), .seconds(5)])
  }

  @Test func givesUpInTheEnd() async {
    let found = await self.ask(failing: .max, Self.down)
    #expect(!found.isUp)
    #expect(found.pauses.reduce(.zero, +) < .seconds(30))
  }

  @Test func doesNotWaitForWhatStaysWrong() async {
    let found = await self.ask(failing: 1, Self.denied)
    #expect(!found.isUp)
    #expect(found.reports == 0)
    #expect(found.pauses == [])
  }
}
