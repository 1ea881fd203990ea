import Testing

@testable import CurlTransport

struct TransferDeadlineTests {
  private let start = ContinuousClock.now

  private func after(_ seconds: Int) -> ContinuousClock.Instant { self.start.advanced(by: .seconds(seconds)) }

  @Test func withoutLimitsItNeverPasses() {
    let deadline = TransferDeadline(total: nil, idle: nil, now: self.start)
    #expect(deadline.next == nil)
    #expect(deadline.passed(now: self.after(1_000_000)) == nil)
  }

  @Test func bytesPutOffSilenceButNotTheTotal() {
    var deadline = TransferDeadline(total: .seconds(10), idle: .seconds(3), now: self.start)
    #expect(deadline.next == self.after(3))
    deadline.sawBytes(now: self.after(2))
    #expect(deadline.next == self.after(5))
    #expect(deadline.passed(now: self.after(4)) == nil)
    #expect(deadline.passed(now: self.after(5)) == .idle(.seconds(3)))
    deadline.sawBytes(now: self.after(9))
    #expect(deadline.next == self.after(10))
    #expect(deadline.passed(now: self.after(10)) == .total(.seconds(10)))
  }

  @Test func aSlowReaderIsNotSilence() {
    var deadline = TransferDeadline(total: nil, idle: .seconds(3), now: self.start)
    deadline.holdBack()
    #expect(deadline.next == nil)
    #expect(deadline.passed(now: self.after(100)) == nil)
    deadline.resume(now: self.after(100))
    #expect(deadline.next == self.after(103))
    #expect(deadline.passed(now: self.after(103)) == .idle(.seconds(3)))
  }
}
