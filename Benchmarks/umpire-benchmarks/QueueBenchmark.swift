import KubernetesRuntime

/// How many keys go into the work queue and come out of it, by one task without contention.
enum QueueBenchmark {
  static func run(_ scale: Scale) async throws -> [Figure] {
    let queue = WorkQueue<String, ContinuousClock>(clock: ContinuousClock())
    let keys = (0..<scale.queueKeys).map { "default/server-\($0)" }
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
    let count = Double(keys.count)
    return [
      Figure(name: "queue.adds", value: count / adds.inSeconds, unit: "keys/s"),
      Figure(name: "queue.repeats", value: count / repeats.inSeconds, unit: "keys/s"),
      Figure(name: "queue.deliveries", value: count / deliveries.inSeconds, unit: "keys/s"),
    ]
  }
}
