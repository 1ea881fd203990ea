import Testing

@testable import WebhookClient

struct CircuitBreakerTests {
  private let start = ContinuousClock.now

  private func time(_ seconds: Int) -> ContinuousClock.Instant { self.start.advanced(by: .seconds(seconds)) }

  /// Asks at `seconds`, which must be allowed, and ends with `result` at once.
  private func ask(
    _ breaker: inout CircuitBreaker, at seconds: Int, _ result: CircuitBreaker.Result,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    guard case .ask(let permit) = breaker.ask(now: self.time(seconds)) else {
      Issue.record("refused at \(seconds) s", sourceLocation: sourceLocation)
      return
    }
    breaker.end(permit, result, now: self.time(seconds))
  }

  private func opened() -> CircuitBreaker {
    var breaker = CircuitBreaker()
    for _ in 0..<5 { self.ask(&breaker, at: 0, .failure) }
    return breaker
  }

  @Test func fiveFailuresInARowOpenIt() {
    var breaker = CircuitBreaker()
    for _ in 0..<4 { self.ask(&breaker, at: 0, .failure) }
    self.ask(&breaker, at: 0, .success)
    for _ in 0..<4 { self.ask(&breaker, at: 0, .failure) }
    #expect(breaker.state == .closed)
    self.ask(&breaker, at: 0, .failure)
    #expect(breaker.state == .open)
    #expect(breaker.ask(now: self.time(4)) == .refuse(wait: .seconds(6)))
  }

  @Test func withdrawnQuestionsCountForNothing() {
    var breaker = CircuitBreaker()
    for _ in 0..<4 { self.ask(&breaker, at: 0, .failure) }
    for _ in 0..<10 { self.ask(&breaker, at: 0, .nothing) }
    #expect(breaker.state == .closed)
    self.ask(&breaker, at: 0, .failure)
    #expect(breaker.state == .open)
  }

  @Test func oneProbeDecides() throws {
    var breaker = self.opened()
    #expect(breaker.ask(now: self.time(9)) == .refuse(wait: .seconds(1)))
    guard case .ask(let probe) = breaker.ask(now: self.time(10)) else {
      Issue.record("no probe after 10 s")
      return
    }
    #expect(breaker.state == .halfOpen)
    #expect(breaker.ask(now: self.time(11)) == .refuse(wait: .seconds(10)))
    breaker.end(probe, .success, now: self.time(12))
    #expect(breaker.state == .closed)
    // The count begins anew.
    for _ in 0..<4 { self.ask(&breaker, at: 12, .failure) }
    #expect(breaker.state == .closed)
  }

  @Test func theWaitDoublesUpToAMinuteAndIsForgotten() {
    var breaker = self.opened()
    var now = 0
    for wait in [10, 20, 40, 60, 60] {
      #expect(breaker.ask(now: self.time(now + wait - 1)) == .refuse(wait: .seconds(1)))
      now += wait
      self.ask(&breaker, at: now, .failure)
      #expect(breaker.state == .open)
    }
    self.ask(&breaker, at: now + 60, .success)
    for _ in 0..<5 { self.ask(&breaker, at: now + 60, .failure) }
    #expect(breaker.ask(now: self.time(now + 60)) == .refuse(wait: .seconds(10)))
  }

  @Test func aWithdrawnProbeLeavesItsTurnToTheNextQuestion() {
    var breaker = self.opened()
    self.ask(&breaker, at: 10, .nothing)
    #expect(breaker.state == .open)
    self.ask(&breaker, at: 10, .success)
    #expect(breaker.state == .closed)
  }

  @Test func lateResultsOfAnEarlierStateDoNotCount() {
    var breaker = CircuitBreaker()
    var permits: [CircuitBreaker.Permit] = []
    for _ in 0..<20 {
      if case .ask(let permit) = breaker.ask(now: self.start) { permits.append(permit) }
    }
    #expect(permits.count == 20)
    for permit in permits[..<10] { breaker.end(permit, .failure, now: self.start) }
    #expect(breaker.state == .open)
    breaker.end(permits[10], .success, now: self.start)
    #expect(breaker.state == .open)
    self.ask(&breaker, at: 10, .success)
    for permit in permits[11...] { breaker.end(permit, .failure, now: self.time(11)) }
    #expect(breaker.state == .closed)
  }
}
