import CurlTransport
import FoundationEssentials
import Glibc
import Logging
import Observability
import UmpireModel
import WebhookClient

/// Reviews by the reference webhook server in a process of its own, and what wrk gets out of the same server.
enum WebhookBenchmark {
  private static let concurrencies = [1, 64, 1024]
  private static let wrk = "/usr/bin/wrk"

  static func run(_ scale: Scale) async throws -> [Figure] {
    let server = try ChildProcess(
      .neighbour("umpire-webhook"), ["--port", "0", "--log-level", "info"], reading: STDERR_FILENO)
    defer { server.end() }
    let address = try Self.address(in: try server.firstLine(within: 15))
    var figures: [Figure] = []
    for concurrency in Self.concurrencies {
      figures += try await Self.measure(address, concurrency, reviews: scale.reviews)
    }
    return figures
  }

  /// `127.0.0.1:port`, which is somewhere in the line.
  private static func address(in line: String) throws -> String {
    guard let start = line.firstRange(of: "127.0.0.1:") else {
      throw BenchmarkError(description: "umpire-webhook does not say where it listens: \(line)")
    }
    return "127.0.0.1:" + line[start.upperBound...].prefix { $0.isNumber }
  }

  private static func measure(_ address: String, _ concurrency: Int, reviews: Int) async throws -> [Figure] {
    let registry = MetricsRegistry()
    let transport = CurlHTTPTransport(metricsFactory: registry)
    defer { transport.shutdown() }
    let exchange = WebhookExchange(
      transport: transport, metricsFactory: registry,
      logger: Logger(label: "umpire-benchmarks", factory: { StreamLogHandler.standardError(label: $0) }))
    let endpoint = try WebhookEndpoint(
      WebhookClientConfig(url: "http://\(address)/ready"), namespace: "default", timeoutSeconds: 30)
    // Connections are made, and code is paged in.
    _ = try await Self.ask(min(reviews, 20 * concurrency), concurrency, exchange, endpoint)

    let cpuTime = ThisProcess.cpuTime
    let start = ContinuousClock.now
    let latencies = try await Self.ask(reviews, concurrency, exchange, endpoint)
    let elapsed = start.duration(to: .now).inSeconds
    let rate = Double(latencies.count) / elapsed
    let cpu = (ThisProcess.cpuTime - cpuTime).inSeconds * 1e6 / Double(latencies.count)
    let name = "webhook.\(concurrency)"
    var figures = [
      Figure(name: "\(name).rate", value: rate, unit: "reviews/s"),
      Figure(name: "\(name).cpu", value: cpu, unit: "us/review"),
      Figure(name: "\(name).p50", value: latencies.percentile(0.5), unit: "ms"),
      Figure(name: "\(name).p99", value: latencies.percentile(0.99), unit: "ms"),
      Figure(
        name: "\(name).connections", value: Double(transport.statistics.connectionsOpened), unit: "connections"),
    ]
    if FileManager.default.isExecutableFile(atPath: Self.wrk) {
      // As many connections as the exchange allows itself for one endpoint.
      let other = try Self.wrk(address, connections: min(concurrency, WebhookExchange.Options().requestsPerEndpoint))
      figures.append(Figure(name: "\(name).wrk", value: other, unit: "reviews/s"))
      figures.append(Figure(name: "\(name).ratio", value: rate / other, unit: "of wrk"))
    } else {
      print("  \(Self.wrk) is not installed: there is nothing to compare with")
    }
    return figures
  }

  /// Asks from so many tasks at once, and returns the milliseconds of each answer.
  private static func ask(
    _ reviews: Int, _ concurrency: Int, _ exchange: WebhookExchange, _ endpoint: WebhookEndpoint
  ) async throws -> [Double] {
    try await withThrowingTaskGroup(of: [Double].self) { group in
      for task in 0..<concurrency {
        let own = reviews / concurrency + (task < reviews % concurrency ? 1 : 0)
        group.addTask {
          var latencies: [Double] = []
          latencies.reserveCapacity(own)
          for number in 0..<own {
            let request = ReviewRequest(
              uid: "\(task)-\(number)", name: "load-\(task)", namespace: "default", type: .readiness)
            let question = WebhookQuestion(
              request, subject: .init(configuration: "default/load", webhook: "ready", type: .readiness))
            latencies.append(try await exchange.ask(question, at: endpoint).latency.inMilliseconds)
          }
          return latencies
        }
      }
      return try await group.reduce(into: []) { $0 += $1 }
    }
  }

  /// What wrk gets in three seconds with one thread, as the exchange has one.
  private static func wrk(_ address: String, connections: Int) throws -> Double {
    let script = FileManager.default.temporaryDirectory.path + "/umpire-benchmark-\(UUID().uuidString).lua"
    let review = #"{"request":{"name":"load-0","namespace":"default","type":"ReadinessWebhook","uid":"0-0"}}"#
    let text = """
      wrk.method = "POST"
      wrk.body = '\(review)'
      wrk.headers["Content-Type"] = "application/json"
      """
    try Data(text.utf8).write(to: URL(filePath: script))
    // A file that is left behind in the temporary directory harms nobody.
    defer { try? FileManager.default.removeItem(atPath: script) }
    let child = try ChildProcess(
      .installed(path: Self.wrk),
      ["--threads", "1", "--connections", "\(connections)", "--duration", "3s", "--script", script]
        + ["http://\(address)/ready"])
    defer { child.end() }
    let output = child.everything()
    let line = output.split(separator: "\n").first { $0.hasPrefix("Requests/sec:") }
    guard let rate = line?.split(separator: " ").last.flatMap({ Double($0) }), rate > 0,
      !output.contains("Non-2xx")
    else { throw BenchmarkError(description: "wrk has no figure: \(output)") }
    return rate
  }
}
