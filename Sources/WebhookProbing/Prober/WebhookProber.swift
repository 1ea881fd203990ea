import FoundationEssentials
import KubernetesClient
package import KubernetesModel
import KubernetesRuntime
package import Logging
package import Metrics
import Synchronization
package import UmpireModel
import WebhookClient

/// How much a prober does at a time.
package struct ProberLimits: Sendable, Hashable {
  /// Questions that are under way.
  package var exchanges: Int
  /// Of those, questions of one webhook.
  package var exchangesPerWebhook: Int
  /// Servers whose conditions are written.
  package var writes: Int

  /// Creates limits.
  package init(exchanges: Int, exchangesPerWebhook: Int, writes: Int) {
    self.exchanges = exchanges
    self.exchangesPerWebhook = exchangesPerWebhook
    self.writes = writes
  }

  /// For the controller: thousands of Servers.
  package static let controller = ProberLimits(exchanges: 512, exchangesPerWebhook: 128, writes: 16)
  /// For a sidecar: one Server.
  package static let sidecar = ProberLimits(exchanges: 64, exchangesPerWebhook: 1, writes: 1)
}

/// Asks the webhooks of many Servers, each at its time, and keeps the answers as conditions.
///
/// It is told of Servers and of WebhookConfigurations as they come and change. To use a prober, run it in a task; all
/// that it is told before counts as being there from the start, and is asked about spread over the webhook's period:
///
/// ```swift
/// prober.observe(server)
/// prober.observe(configuration)
/// await prober.run()
/// ```
package final class WebhookProber: Sendable {
  private let asking: WebhookAsking
  private let shared: Shared
  private let writes: ControllerLoop<InjectedClock>
  private let metrics: ProberMetrics
  private let logger: Logger
  private let clock: InjectedClock

  /// Due times that are nearer to one another than this are met together.
  private static let grain = Duration.milliseconds(10)

  /// What asking and writing have in common.
  private final class Shared: Sendable {
    let state: Mutex<ProberState>
    let wake = AsyncSignal()

    init(_ state: sending ProberState) { self.state = Mutex(state) }
  }

  /// Creates a prober for the webhooks of one caller.
  package init(
    asker: Webhook.Caller, limits: ProberLimits, asking: WebhookAsking, writer: any ConditionWriter, logger: Logger,
    metricsFactory: any MetricsFactory
  ) {
    let shared = Shared(ProberState(asker: asker, limits: limits))
    self.asking = asking
    self.shared = shared
    self.logger = logger
    self.metrics = ProberMetrics(factory: metricsFactory, asker: asker)
    let clock = InjectedClock(time: asking.time)
    self.clock = clock
    let now = Self.moments(asking.time)
    self.writes = ControllerLoop(
      name: "webhook-condition", workers: limits.writes, clock: clock, logger: logger,
      metricsFactory: metricsFactory
    ) { key, _ in try await Self.write(key, shared, writer, now) }
  }

  // MARK: Observing

  /// Takes in a Server as it is now.
  ///
  /// - Parameter images: what its containers run; see ``ImageSignature``. Nil if that is not known.
  package func observe(_ server: Server, images: String? = nil) {
    self.change { $0.observe(server, images: images, now: self.now) }
  }

  /// Takes in what the containers of a Server run.
  package func observe(images: String, of server: ObjectKey) {
    self.change { $0.observe(images: images, of: server, now: self.now) }
  }

  /// Forgets a Server that is gone.
  package func remove(server key: ObjectKey) {
    self.change { $0.remove(key) }
  }

  /// Takes in a configuration as it is now.
  package func observe(_ configuration: WebhookConfiguration) {
    for webhook in configuration.webhooks where webhook.isReserved {
      self.logger.warning(
        "A webhook has the name of a condition that Umpire writes itself, and is not asked",
        metadata: ["webhook.configuration": "\(configuration.key)", "webhook.name": "\(webhook.name)"])
    }
    self.change { $0.observe(configuration.key, webhooks: configuration.webhooks, now: self.now) }
  }

  /// Forgets a configuration that is gone; its webhooks are not asked any more.
  package func remove(configuration key: ObjectKey) {
    self.change { $0.observe(key, webhooks: [], now: self.now) }
  }

  private var now: ProbeMoment { Self.moments(self.asking.time)() }

  private static func moments(_ time: ClientTime) -> @Sendable () -> ProbeMoment {
    { ProbeMoment(steady: time.instant(), wall: time.timestamp()) }
  }

  // MARK: Running

  /// Asks and writes until the task is cancelled.
  package func run() async {
    self.change { $0.start() }
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await self.writes.run() }
      await withTaskExecutorPreference(self.asking.taskExecutor) { await self.askInTurn() }
      group.cancelAll()
    }
  }

  private func askInTurn() async {
    await withDiscardingTaskGroup { group in
      while !Task.isCancelled {
        switch self.change({ $0.next(now: self.now) { ReviewRequest.freshUID() } }) {
        case .ask(let ask):
          self.metrics.asked(after: ask.delay)
          group.addTask { await self.ask(ask) }
        case .wait(let due):
          await self.shared.wake.wait(until: due.map { max($0, self.clock.now + Self.grain) }, clock: self.clock)
        }
      }
      group.cancelAll()
    }
  }

  private func ask(_ ask: ProberState.Ask) async {
    let result: Result<WebhookAnswer, WebhookFailure>
    do throws(WebhookFailure) {
      result = .success(try await self.asking.ask(ask.question, of: ask.webhook))
    } catch {
      result = .failure(error)
    }
    self.change { $0.answered(ask, result, now: self.now) }
  }

  /// Changes the state, and sets going what that leads to once the lock is released.
  @discardableResult
  private func change<Outcome: Sendable>(_ body: (inout ProberState) -> Outcome) -> Outcome {
    let (outcome, unwritten, mustWake, counts) = self.shared.state.withLock { state in
      let outcome = body(&state)
      return (outcome, state.takeUnwritten(), state.mustWake, (state.servers.count, state.questions.waitingCount))
    }
    for key in unwritten.sorted() { self.writes.enqueue(key) }
    if mustWake { self.shared.wake.notify() }
    self.metrics.record(servers: counts.0, waiting: counts.1)
    return outcome
  }

  private static func write(
    _ key: ObjectKey, _ shared: Shared, _ writer: any ConditionWriter, _ now: @Sendable () -> ProbeMoment
  ) async throws -> WorkOutcome {
    guard let write = shared.state.withLock({ $0.write(key) }) else { return .done }
    let server = try await writer.write(write.conditions, to: write.server)
    let (isUnwritten, mustWake) = shared.state.withLock { state in
      state.wrote(write, server: server, now: now())
      return (!state.takeUnwritten().isEmpty, state.mustWake)
    }
    if mustWake { shared.wake.notify() }
    // Something was answered while this was written.
    return isUnwritten ? .requeue(after: .zero) : .done
  }
}
