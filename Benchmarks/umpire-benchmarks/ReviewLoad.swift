import AllocationCounterShims
import CurlTransport
import FoundationEssentials
import Logging
import Observability
import UmpireModel
import WebhookClient

/// Reviews through the exchange, as the product asks them.
final class ReviewLoad: Sendable {
  /// What one turn came to.
  struct Turn: Sendable {
    var rate: Double
    var cpuMicroseconds: Double
    var allocations: Double
    /// Of each review, in milliseconds.
    var latencies: [Double]
  }

  static let mostConnections = WebhookExchange.Options().requestsPerEndpoint
  private let transport: CurlHTTPTransport
  private let exchange: WebhookExchange
  private let endpoint: WebhookEndpoint
  private let concurrency: Int

  init(_ server: ReviewServer, concurrency: Int) throws {
    let registry = MetricsRegistry()
    self.transport = CurlHTTPTransport(metricsFactory: registry)
    self.exchange = WebhookExchange(
      transport: self.transport, metricsFactory: registry,
      logger: Logger(label: "umpire-benchmarks", factory: { StreamLogHandler.standardError(label: $0) }))
    let authority = server.authority.map { Data($0.bytes).base64EncodedString() }
    self.endpoint = try WebhookEndpoint(
      WebhookClientConfig(url: server.url, caBundle: authority), namespace: "default", timeoutSeconds: 30)
    self.concurrency = concurrency
  }

  /// Makes the connections, and has code paged in.
  func warmUp() async throws { _ = try await self.ask(20 * self.concurrency) }

  func turn(_ reviews: Int) async throws -> Turn {
    let allocations = allocation_counter_total()
    let cpuTime = ThisProcess.cpuTime
    let start = ContinuousClock.now
    let latencies = try await self.ask(reviews)
    let elapsed = start.duration(to: .now)
    let count = Double(latencies.count)
    return Turn(
      rate: count / elapsed.inSeconds, cpuMicroseconds: (ThisProcess.cpuTime - cpuTime).inSeconds * 1e6 / count,
      allocations: Double(allocation_counter_total() - allocations) / count, latencies: latencies)
  }

  var connectionsOpened: Int { self.transport.statistics.connectionsOpened }

  func end() { self.transport.shutdown() }

  /// Asks from as many tasks as are to be in flight, and returns the milliseconds of each answer.
  private func ask(_ reviews: Int) async throws -> [Double] {
    try await withThrowingTaskGroup(of: [Double].self) { group in
      for task in 0..<self.concurrency {
        let own = reviews / self.concurrency + (task < reviews % self.concurrency ? 1 : 0)
        // As a prober's tasks do.
        group.addTask(executorPreference: self.exchange.taskExecutor) {
          var latencies: [Double] = []
          latencies.reserveCapacity(own)
          for number in 0..<own {
            let request = ReviewRequest(
              uid: "\(task)-\(number)", name: "load-\(task)", namespace: "default", type: .readiness)
            let question = WebhookQuestion(
              request, subject: .init(configuration: "default/load", webhook: "ready", type: .readiness))
            latencies.append(try await self.exchange.ask(question, at: self.endpoint).latency.inMilliseconds)
          }
          return latencies
        }
      }
      return try await group.reduce(into: []) { $0 += $1 }
    }
  }
}
