import HTTPTransport
import KubernetesClient
import KubernetesModel
import Synchronization

/// How long after a write each of many watchers has its event.
enum FanOutBenchmark {
  private static let interval = Duration.milliseconds(10)

  static func run(_ scale: Scale) async throws -> [Figure] {
    try await ServerProcess.run(.disk) { server in
      let list = try await server.client.list(ConfigMap.self, namespace: Load.namespace)
      let run = Run(
        client: server.client, version: list.metadata.resourceVersion ?? "", writes: scale.watchedWrites,
        watchers: scale.watchers)
      return try await run.figures()
    }
  }

  private final class Run: Sendable {
    private let client: APIClient
    private let version: String
    private let writes: Int
    private let watchers: Int
    private let deadline: ContinuousClock.Instant
    private let open = Mutex(0)
    private let sent: Mutex<[ContinuousClock.Instant]>

    init(client: APIClient, version: String, writes: Int, watchers: Int) {
      self.client = client
      self.version = version
      self.writes = writes
      self.watchers = watchers
      self.deadline = .now + .seconds(120)
      self.sent = Mutex(Array(repeating: .now, count: writes))
    }

    func figures() async throws -> [Figure] {
      let (latencies, rate) = try await withThrowingTaskGroup(of: [Double].self) { group in
        for _ in 0..<self.watchers { group.addTask { try await self.watch() } }
        let rate = try await self.write()
        var latencies: [Double] = []
        for try await part in group { latencies += part }
        return (latencies, rate)
      }
      return [
        Figure(name: "fanout.watchers", value: Double(self.watchers), unit: "watchers"),
        Figure(name: "fanout.writes", value: rate, unit: "objects/s"),
        Figure(name: "fanout.events", value: Double(latencies.count), unit: "events"),
        Figure(name: "fanout.p50", value: latencies.percentile(0.5), unit: "ms"),
        Figure(name: "fanout.p99", value: latencies.percentile(0.99), unit: "ms"),
      ]
    }

    /// Writes one object after the other, each at its time or as soon as the one before is done.
    ///
    /// - Returns: the writes per second.
    private func write() async throws -> Double {
      while self.open.withLock({ $0 }) < self.watchers {
        guard ContinuousClock.now < self.deadline else {
          throw BenchmarkError(description: "\(self.open.withLock { $0 }) of \(self.watchers) watches are open")
        }
        try await Task.sleep(for: .milliseconds(20))
      }
      let start = ContinuousClock.now
      for number in 0..<self.writes {
        let body = try APIClient.encode(try Load.object(number))
        try await Task.sleep(until: start + FanOutBenchmark.interval * number, clock: .continuous)
        self.sent.withLock { $0[number] = .now }
        _ = try await self.client.send(.create(ConfigMap.resourceType, namespace: Load.namespace, body: body))
      }
      return Double(self.writes) / (ContinuousClock.now - start).inSeconds
    }

    /// The milliseconds that each event took.
    ///
    /// Events are not decoded, as all watchers share the cores of one client.
    private func watch() async throws -> [Double] {
      var options = ListOptions()
      options.resourceVersion = self.version
      let request = ResourceRequest.watch(
        ConfigMap.resourceType, namespace: Load.namespace, options: options, timeoutSeconds: 120)
      return try await self.client.stream(request, total: .seconds(120), idle: .seconds(60)) { body in
        self.open.withLock { $0 += 1 }
        var latencies: [Double] = []
        var frames = LineFrames()
        for try await chunk in body {
          frames.append(chunk)
          while let frame = try frames.next() {
            guard let number = Self.number(in: frame), number < self.writes else { continue }
            let sent = self.sent.withLock { $0[number] }
            latencies.append((ContinuousClock.now - sent).inMilliseconds)
          }
          if latencies.count >= self.writes { break }
        }
        return latencies
      }
    }

    /// The number in the object's name.
    private static func number(in frame: ArraySlice<UInt8>) -> Int? {
      let mark = Array(#""name":"load-"#.utf8)
      var index = frame.startIndex
      while index + mark.count < frame.endIndex {
        if frame[index] == mark[0], frame[index..<(index + mark.count)].elementsEqual(mark) {
          let digits = frame[(index + mark.count)...].prefix { (0x30...0x39).contains($0) }
          return Int(String(decoding: digits, as: UTF8.self))
        }
        index += 1
      }
      return nil
    }
  }
}
