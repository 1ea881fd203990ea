import KubernetesClient
import KubernetesModel
import Metrics
import MetricsTestKit
import Synchronization
import TestSupport
import Testing

@testable import KubernetesRuntime

@Suite(.timeLimit(.minutes(2))) struct ControllerLoopTests {
  private let metrics = TestMetrics()

  private func key(_ number: Int) -> ObjectKey { ObjectKey(namespace: "n", name: "k\(number)") }

  private func loop(
    workers: Int, _ reconcile: @escaping ControllerLoop<ContinuousClock>.Reconcile
  ) -> ControllerLoop<ContinuousClock> {
    ControllerLoop(
      name: "test", workers: workers, clock: ContinuousClock(), logger: silentLogger, metricsFactory: self.metrics,
      reconcile: reconcile)
  }

  private func running(_ loop: ControllerLoop<ContinuousClock>, _ body: () async throws -> Void) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { await loop.run() }
      try await body()
      group.cancelAll()
    }
  }

  private func total(_ result: String) throws -> Int64 {
    try self.metrics.expectCounter(
      "controller_runtime_reconcile_total", [("controller", "test"), ("result", result)]
    ).totalValue
  }

  @Test func noKeyIsHeldByTwoWorkersAndNoMoreWorkersThanAllowed() async throws {
    struct Seen {
      var held: Set<ObjectKey> = []
      var twice = 0
      var most = 0
      var done = 0
    }
    let seen = Mutex(Seen())
    let loop = self.loop(workers: 4) { key, _ in
      seen.withLock { seen in
        if !seen.held.insert(key).inserted { seen.twice += 1 }
        seen.most = max(seen.most, seen.held.count)
      }
      for _ in 0..<10 { await Task.yield() }
      return seen.withLock { seen in
        seen.held.remove(key)
        seen.done += 1
        return .done
      }
    }
    try await self.running(loop) {
      await withTaskGroup(of: Void.self) { group in
        for _ in 0..<4 {
          group.addTask {
            for round in 0..<500 {
              loop.enqueue(self.key(round % 6))
              if round % 10 == 0 { await Task.yield() }
            }
          }
        }
      }
      try await eventually("all is worked off") {
        try self.metrics.expectGauge("workqueue_depth", [("name", "test")]).lastValue == 0
          && seen.withLock { $0.held.isEmpty && $0.done > 5 }
      }
    }
    #expect(seen.withLock { $0.twice } == 0)
    #expect(seen.withLock { $0.most } <= 4)
  }

  @Test func whatFailsComesAgainUntilItSucceeds() async throws {
    let tries = Mutex(0)
    let loop = self.loop(workers: 1) { _, _ in
      let count = tries.withLock { tries in
        tries += 1
        return tries
      }
      switch count {
      case 1: throw APIError(.malformedAnswer, "rubbish")
      // Somebody's else's cancellation is a failure like any other.
      case 2: throw CancellationError()
      case 3: return .requeue(after: .milliseconds(1))
      case 4: return .requeue(after: .zero)
      default: return .done
      }
    }
    try await self.running(loop) {
      loop.enqueue(self.key(1))
      try await eventually("it succeeds") { try self.total("success") == 1 }
    }
    #expect(try self.total("error") == 2)
    #expect(try self.total("requeue_after") == 1)
    #expect(try self.total("requeue") == 1)
    #expect(tries.withLock { $0 } == 5)
    #expect(
      try self.metrics.expectCounter("controller_runtime_reconcile_errors_total", [("controller", "test")]).totalValue
        == 2)
    let labels = [("name", "test")]
    #expect(try self.metrics.expectCounter("workqueue_adds_total", labels).totalValue == 5)
    #expect(try self.metrics.expectCounter("workqueue_retries_total", labels).totalValue == 4)
    #expect(try self.metrics.expectTimer("workqueue_queue_duration_seconds", labels).values.count == 5)
    #expect(try self.metrics.expectTimer("workqueue_work_duration_seconds", labels).values.count == 5)
    #expect(
      try self.metrics.expectTimer("controller_runtime_reconcile_time_seconds", [("controller", "test")]).values.count
        == 5)
  }

  @Test func workersAndLongWorkAreShown() async throws {
    let loop = self.loop(workers: 3) { _, _ in
      try await Task.sleep(for: .seconds(600))
      return .done
    }
    let labels = [("controller", "test")]
    try await self.running(loop) {
      loop.enqueue(self.key(1))
      loop.enqueue(self.key(2))
      try await eventually("both are worked on") {
        try self.metrics.expectGauge("controller_runtime_active_workers", labels).lastValue == 2
      }
      try await eventually("the work is seen to last") {
        let longest = try self.metrics.expectGauge("workqueue_longest_running_processor_seconds", [("name", "test")])
        let total = try self.metrics.expectGauge("workqueue_unfinished_work_seconds", [("name", "test")])
        return (longest.lastValue ?? 0) > 0.05 && (total.lastValue ?? 0) > (longest.lastValue ?? 0)
      }
    }
    #expect(try self.metrics.expectGauge("controller_runtime_active_workers", labels).lastValue == 0)
    #expect(try self.metrics.expectGauge("controller_runtime_max_concurrent_reconciles", labels).lastValue == 3)
  }
}
