import Glibc
import HTTPTransport
import KubernetesClient
import ServiceLifecycle
import Synchronization

/// Plays the demo's story on a running cluster and shows what is seen.
final class Demo: Service {
  private let client: APIClient
  private let story: DemoStory
  let endsByItself: Bool
  private let isTerminal: Bool
  private let outcome = Mutex<Outcome>(.unfinished)

  enum Outcome: Sendable {
    case unfinished
    case seen
    case failed(String)
  }

  /// How often the cluster is looked at.
  private static let period: Duration = .milliseconds(200)

  init(client: APIClient, transport: any ClientTransport, endsByItself: Bool) {
    self.client = client
    self.story = DemoStory(client: client, transport: transport)
    self.endsByItself = endsByItself
    self.isTerminal = isatty(STDOUT_FILENO) == 1
  }

  /// How the demo went.
  var result: Outcome { self.outcome.withLock { $0 } }

  func run() async throws {
    await cancelWhenGracefulShutdown {
      let outcome = await self.play()
      self.outcome.withLock { $0 = outcome }
      if !self.endsByItself, !Task.isCancelled { await self.watch() }
    }
  }

  private func play() async -> Outcome {
    let clock = ContinuousClock()
    let start = clock.now
    var moments: [DemoMoment] = []
    var view = DemoView(isTerminal: self.isTerminal)
    do {
      for step in self.story.steps {
        try await self.see(step, start: start, view: &view)
        moments.append(DemoMoment(title: step.title, at: start.duration(to: clock.now)))
        view.announce("seen: \(step.title)", elapsed: start.duration(to: clock.now))
      }
      view.close(moments)
      return .seen
    } catch is CancellationError {
      return .unfinished
    } catch {
      view.close(moments)
      return .failed("\(error)")
    }
  }

  private func see(_ step: DemoStep, start: ContinuousClock.Instant, view: inout DemoView) async throws {
    let clock = ContinuousClock()
    let deadline = clock.now.advanced(by: step.limit)
    try await step.perform(try await DemoSnapshot.take(client: self.client))
    var seenSince: ContinuousClock.Instant?
    while true {
      try Task.checkCancellation()
      let snapshot = try await DemoSnapshot.take(client: self.client)
      view.show(snapshot, step: step.title, elapsed: start.duration(to: clock.now))
      let missing = await step.missing(snapshot)
      if let missing {
        guard clock.now < deadline else { throw DemoFailure(step: step.title, missing: missing) }
        if seenSince != nil { throw DemoFailure(step: step.title, missing: "it did not last: \(missing)") }
      } else {
        let since = seenSince ?? clock.now
        seenSince = since
        if since.duration(to: clock.now) >= step.hold { return }
      }
      try await Task.sleep(for: Self.period)
    }
  }

  /// After the story, goes on showing the cluster until it is stopped.
  private func watch() async {
    Console.print("The demo is over; the cluster goes on until Ctrl-C.")
    let start = ContinuousClock.now
    var view = DemoView(isTerminal: false)
    while !Task.isCancelled {
      // What cannot be read now is shown at the next look.
      if let snapshot = try? await DemoSnapshot.take(client: self.client) {
        view.show(snapshot, step: "", elapsed: start.duration(to: .now))
      }
      try? await Task.sleep(for: .seconds(1))  // Cancellation ends the loop at its head.
    }
  }
}
