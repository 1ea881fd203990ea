import KubernetesRuntime

/// How many keys go into the work queue and come out of it, by one task without contention.
enum QueueBenchmark {
  private static let repetitions = 5

  static func run(_ scale: Scale) async throws -> [Figure] {
    var best = Times(adds: .seconds(3600), repeats: .seconds(3600), deliveries: .seconds(3600))
    let keys = (0..<scale.queueKeys).map { "default/server-\($0)" }
    // The best is the one that was disturbed least.
    for _ in 0..<Self.repetitions {
      let times = try await Self.measure(keys)
      best.adds = min(best.adds, times.adds)
      best.repeats = min(best.repeats, times.repeats)
      best.deliveries = min(best.deliveries, times.deliveries)
    }
    let count = Double(keys.count)
    return [
      Figure(name: "queue.adds", value: count / best.adds.inSeconds, unit: "keys/s"),
      Figure(name: "queue.repeats", value: count / best.repeats.inSeconds, unit: "keys/s"),
      Figure(name: "queue.deliveries", value: count / best.deliveries.inSeconds, unit: "keys/s"),
    ]
  }

  private struct Times {
    var adds: Duration
    var repeats: Duration
    var deliveries: Duration
  }

  private static func measure(_ keys: [String]) async throws -> Times {
    let queue = WorkQueue<String, ContinuousClock>(clock: ContinuousClock())
    let clock = ContinuousClock()
    let adds = clock.measure { for key in keys { queue.add(key) } }
    let repeats = clock.measure { for key in keys { queue.add(key) } }
    let deliveries = try await clock.measure {
      for _ in keys {
        guard let key = await queue.next() else { throw BenchmarkError(description: "the queue gave too few keys") }
        queue.finish(key, outcome: .done)
      }
    }
    guard queue.depth == 0 else { throw BenchmarkError(description: "the queue gave a key twice") }
    return Times(adds: adds, repeats: repeats, deliveries: deliveries)
  }
}
