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
    self.queue = WorkQueue(clock: clock)
    self.workers = workers
    self.clock = clock
    self.logger = logger
    self.metrics = ControllerMetrics(factory: metricsFactory, controller: name)
    self.reconcile = reconcile
  }

  /// Asks for a key to be looked at.
  package func enqueue(_ key: ObjectKey, after delay: Duration = .zero) {
    self.queue.add(key, after: delay)
    self.metrics.adds.increment()
    self.metrics.depth.record(self.queue.depth)
  }

  /// Works until the task is cancelled.
  package func run() async {
    await withTaskGroup(of: Void.self) { group in
      var running = 0
      while let key = await self.queue.next() {
        if running == self.workers {
          await group.next()
          running -= 1
        }
        running += 1
        self.metrics.depth.record(self.queue.depth)
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
    let outcome: WorkOutcome
    do {
      outcome = try await self.reconcile(key, logger)
      switch outcome {
      case .done: self.metrics.succeeded.increment()
      case .requeue: self.metrics.requeued.increment()
      case .failed: self.metrics.failed.increment()
      }
    } catch is CancellationError {
      outcome = .done
    } catch {
      outcome = .failed(minimum: RetryAdvice.minimumDelay(for: error))
      self.metrics.failed.increment()
      let level: Logger.Level = RetryAdvice.isExpected(error) ? .debug : .warning
      logger.log(level: level, "Reconcile failed", metadata: ["error": "\(error)"])
    }
    self.metrics.duration.recordNanoseconds(started.duration(to: self.clock.now).wholeNanoseconds)
    self.queue.finish(key, outcome: outcome)
    self.metrics.depth.record(self.queue.depth)
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
