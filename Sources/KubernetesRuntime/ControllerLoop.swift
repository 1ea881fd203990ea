package import KubernetesModel
package import Logging
package import Metrics

/// Works off the keys of one kind: the one place that turns the outcome of a reconcile into a requeue, a metric and a
/// log line.
///
/// Watchers put keys in with ``enqueue(_:after:)``. To use a loop, run it in a task:
///
/// ```swift
/// async let running: Void = loop.run()
/// loop.enqueue(ObjectKey(namespace: "default", name: "arena"))
/// ```
package final class ControllerLoop<C: Clock>: Sendable where C.Duration == Duration {
  /// Brings one object nearer to what is wanted.
  package typealias Reconcile = @Sendable (ObjectKey, Logger) async throws -> WorkOutcome

  /// The controller's name, as it stands in metrics and logs.
  package let name: String
  private let queue: WorkQueue<ObjectKey, C>
  private let workers: Int
  private let clock: C
  private let logger: Logger
  private let metrics: ControllerMetrics
  private let reconcile: Reconcile

  /// - Parameter workers: how many keys are worked on at once, at least 1.
  package init(
    name: String, workers: Int = 4, clock: C, logger: Logger, metricsFactory: any MetricsFactory,
    reconcile: @escaping Reconcile
  ) {
    var logger = logger
    logger[metadataKey: "controller"] = "\(name)"
    self.name = name
    self.queue = WorkQueue(clock: clock, name: name, metricsFactory: metricsFactory)
    self.workers = max(1, workers)
    self.clock = clock
    self.logger = logger
    self.metrics = ControllerMetrics(factory: metricsFactory, controller: name, workers: max(1, workers))
    self.reconcile = reconcile
  }

  /// Asks for a key to be looked at.
  package func enqueue(_ key: ObjectKey, after delay: Duration = .zero) {
    self.queue.add(key, after: delay)
  }

  /// Works until the task is cancelled.
  package func run() async {
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await self.queue.observeUnfinishedWork() }
      await self.workOffKeys()
      group.cancelAll()
    }
  }

  private func workOffKeys() async {
    await withTaskGroup(of: Void.self) { group in
      var running = 0
      while let key = await self.queue.next() {
        if running == self.workers {
          await group.next()
          running -= 1
        }
        running += 1
        group.addTask { await self.work(on: key) }
      }
      group.cancelAll()
    }
  }

  private func work(on key: ObjectKey) async {
    var logger = self.logger
    logger[metadataKey: "object"] = "\(key)"
    logger[metadataKey: "reconcile.id"] = "\(String(UInt64.random(in: 0...UInt64.max), radix: 16))"
    let started = self.clock.now
    self.metrics.began()
    let outcome = await self.outcome(of: key, logger)
    self.metrics.ended(outcome, after: started.duration(to: self.clock.now))
    self.queue.finish(key, outcome: outcome)
  }

  private func outcome(of key: ObjectKey, _ logger: Logger) async -> WorkOutcome {
    do {
      return try await self.reconcile(key, logger)
    } catch is CancellationError where Task.isCancelled {
      // The loop is stopping; the next start looks at everything.
      return .done
    } catch {
      let level: Logger.Level = RetryAdvice.isExpected(error) ? .debug : .warning
      logger.log(level: level, "Reconcile failed", metadata: ["error": "\(error)"])
      return .failed(minimum: RetryAdvice.minimumDelay(for: error))
    }
  }
}

extension Duration {
  /// Nanoseconds, cut to whole ones and to the range of 64 bits.
  package var wholeNanoseconds: Int64 {
    let (seconds, attoseconds) = self.components
    let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    return overflow ? (seconds < 0 ? .min : .max) : product + attoseconds / 1_000_000_000
  }
}
