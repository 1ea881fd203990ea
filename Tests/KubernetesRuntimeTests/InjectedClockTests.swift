import KubernetesClient
import Synchronization
import Testing

@testable import KubernetesRuntime

@Suite struct InjectedClockTests {
  @Test func waitsOnlyForWhatIsLeft() async throws {
    let waits = Mutex<[Duration]>([])
    let start = ContinuousClock.now
    let clock = InjectedClock(
      time: ClientTime(instant: { start }, sleep: { wait in waits.withLock { $0.append(wait) } }))
    #expect(clock.now == start)
    try await clock.sleep(until: start.advanced(by: .seconds(3)), tolerance: nil)
    try await clock.sleep(until: start.advanced(by: .seconds(-3)), tolerance: nil)
    #expect(waits.withLock { $0 } == [.seconds(3), .zero])
  }
}
