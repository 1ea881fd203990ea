import Synchronization
package import UmpireModel
import WebhookClient

/// Sends many reviews, so many at a time, and measures.
package struct LoadRun: Sendable {
  /// The most reviews of a run.
  package static let mostReviews = 1_000_000
  /// The most in flight at once.
  package static let mostParallel = 1024

  private let caller: EndpointCaller
  private let factory: ReviewFactory
  private let instruments: ProbeInstruments
  private let plan: Plan

  /// What is sent.
  package struct Plan: Sendable, Hashable {
    /// What is asked.
    package var type: WebhookType
    /// How many reviews, at most ``LoadRun/mostReviews``.
    package var reviews: Int
    /// How many at a time, at most ``LoadRun/mostParallel``.
    package var parallel: Int
    /// After so many failures the rest is not sent.
    package var failureLimit = 1000

    /// Creates a plan.
    package init(type: WebhookType, reviews: Int, parallel: Int) {
      self.type = type
      self.reviews = min(max(reviews, 1), LoadRun.mostReviews)
      self.parallel = min(max(parallel, 1), LoadRun.mostParallel, self.reviews)
    }
  }

  private struct State {
    var begun = 0
    var latencies: [Duration] = []
    var failures: [WebhookFailure.Reason: Int] = [:]
    var failureCount = 0
    var firstFailure: WebhookFailure?
    var toldAt: ContinuousClock.Instant

    mutating func begin(_ plan: Plan) -> Bool {
      guard self.begun < plan.reviews, self.failureCount < plan.failureLimit else { return false }
      self.begun += 1
      return true
    }

    /// - Returns: what to tell, once a second.
    mutating func end(_ latency: Duration, _ failure: WebhookFailure?, of plan: Plan) -> String? {
      if let failure {
        self.failures[failure.reason, default: 0] += 1
        self.failureCount += 1
        self.firstFailure = self.firstFailure ?? failure
      } else {
        self.latencies.append(latency)
      }
      let now = ContinuousClock.now
      guard now - self.toldAt >= .seconds(1) else { return nil }
      self.toldAt = now
      let count = self.latencies.count + self.failureCount
      return "\(count) of \(plan.reviews) reviews, \(self.failureCount) failed"
    }
  }

  /// What the workers of a run share.
  private final class Tally: Sendable {
    let state: Mutex<State>

    init(_ state: State) {
      self.state = Mutex(state)
    }
  }

  /// Creates a run.
  package init(
    _ plan: Plan, caller: EndpointCaller, factory: ReviewFactory, instruments: ProbeInstruments = ProbeInstruments()
  ) {
    self.plan = plan
    self.caller = caller
    self.factory = factory
    self.instruments = instruments
  }

  /// Sends the reviews and waits for the last answer.
  ///
  /// - Throws: ``CryptographyError``, ``WebhookFailure`` if nothing can be sent; `CancellationError`.
  package func run() async throws -> LoadReport {
    let start = ContinuousClock.now
    let processorTime = self.instruments.processorTime()
    let connections = self.instruments.connectionsOpened()
    let tally = Tally(State(toldAt: start))
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<self.plan.parallel {
        // As a prober's tasks do.
        group.addTask(executorPreference: self.caller.taskExecutor) {
          while tally.state.withLock({ $0.begin(self.plan) }) {
            let (latency, failure) = try await self.ask()
            let text = tally.state.withLock { $0.end(latency, failure, of: self.plan) }
            if let text { self.instruments.progress(text) }
          }
        }
      }
      try await group.waitForAll()
    }
    let elapsed = start.duration(to: .now)
    let opened = self.instruments.connectionsOpened()
    let end = tally.state.withLock { $0 }
    return LoadReport(
      type: self.plan.type, parallel: self.plan.parallel, latencies: end.latencies.sorted(), failures: end.failures,
      firstFailure: end.firstFailure, elapsed: elapsed,
      processorTime: self.instruments.processorTime() - processorTime,
      connectionsOpened: opened.flatMap { opened in connections.map { opened - $0 } })
  }

  private func ask() async throws -> (Duration, WebhookFailure?) {
    let message = try ProbeMessage(self.factory.question(self.plan.type), "")
    let answer = try await self.caller.send(message)
    do throws(WebhookFailure) {
      _ = try answer.response(to: message.question)
      return (answer.latency, nil)
    } catch {
      return (answer.latency, error)
    }
  }
}
