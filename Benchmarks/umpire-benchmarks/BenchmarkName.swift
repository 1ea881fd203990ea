import ArgumentParser

/// The benchmarks, in the order in which they run.
enum BenchmarkName: String, CaseIterable, ExpressibleByArgument {
  case create
  case list
  case fanout
  case memory
  case watcher
  case queue
  case webhook
  case servers

  /// What is measured, in a line.
  var summary: String {
    switch self {
    case .create: "objects of 2 KiB created through the socket by 16 clients at once"
    case .list: "every object listed through the socket, in pages of 500 and in one answer"
    case .fanout: "time from sending a write to each watcher's having its event"
    case .memory: "memory of the server's process, filled with objects of 2 KiB and then updated"
    case .watcher: "what a watched Server object costs the client: decoding, store, observer"
    case .queue: "keys through the work queue, in process"
    case .webhook: "reviews by the reference webhook server, 1, 64 and 1024 in flight, plain and TLS, beside wrk"
    case .servers: "what Servers cost the controller: from the wish to Ready, at rest, at a change, to their end"
    }
  }

  func run(_ scale: Scale) async throws -> [Figure] {
    switch self {
    case .create: try await CreateBenchmark.run(scale)
    case .list: try await ListBenchmark.run(scale)
    case .fanout: try await FanOutBenchmark.run(scale)
    case .memory: try await MemoryBenchmark.run(scale)
    case .watcher: try await WatcherBenchmark.run(scale)
    case .queue: try await QueueBenchmark.run(scale)
    case .webhook: try await WebhookBenchmark.run(scale)
    case .servers: try await ServersBenchmark.run(scale)
    }
  }
}

/// How much is done.
struct Scale: Sendable {
  var created: Int
  var listed: Int
  var watchers: Int
  /// Writes while the watchers watch, 100 a second.
  var watchedWrites: Int
  /// Numbers of objects at which memory is read, growing.
  var memorySteps: [Int]
  var watchedObjects: Int
  var queueKeys: Int
  var reviews: Int
  /// How Servers are spread over GameTypes.
  var crowds: [Crowd]

  struct Crowd: Sendable {
    var gameTypes: Int
    var servers: Int
    var total: Int { self.gameTypes * self.servers }
  }

  static let full = Scale(
    created: 10_000, listed: 10_000, watchers: 200, watchedWrites: 1_000, memorySteps: [10_000, 50_000],
    watchedObjects: 5_000, queueKeys: 200_000, reviews: 50_000,
    crowds: [
      Crowd(gameTypes: 10, servers: 100), Crowd(gameTypes: 100, servers: 100), Crowd(gameTypes: 1, servers: 10_000),
    ])
  static let small = Scale(
    created: 1_000, listed: 1_000, watchers: 20, watchedWrites: 200, memorySteps: [1_000, 5_000], watchedObjects: 500,
    queueKeys: 20_000, reviews: 5_000,
    crowds: [Crowd(gameTypes: 2, servers: 50), Crowd(gameTypes: 10, servers: 50), Crowd(gameTypes: 1, servers: 500)])
}

/// Why a benchmark has no figures.
struct BenchmarkError: Error, CustomStringConvertible {
  var description: String
}
