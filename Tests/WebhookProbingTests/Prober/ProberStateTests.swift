import KubernetesModel
import Testing
import UmpireModel
import WebhookClient

@testable import WebhookProbing

@Suite struct ProberStateTests {
  private let configuration = ObjectKey(namespace: "games", name: "arena")
  private let start = ProbeHarness.start

  private func state(_ limits: ProberLimits = .controller) -> ProberState {
    ProberState(asker: .controller, limits: limits)
  }

  private func webhook(_ name: String, _ change: (inout Webhook) -> Void = { _ in }) -> Webhook {
    ProbeHarness.webhook(name, .readiness) {
      $0.caller = .controller
      change(&$0)
    }
  }

  private func server(_ number: Int, configuration: String? = "arena") -> Server {
    var server = Server(
      metadata: ObjectMeta(name: "arena-\(number)", namespace: "games"),
      spec: ServerSpec(pod: PodSpec(containers: [Container(name: "game", image: "game:1")])))
    server.metadata.uid = "00000000-0000-4000-8000-\(100_000 + number)"
    server.metadata.generation = 1
    server.metadata.resourceVersion = "1"
    server.spec.webhookConfigurationName = configuration
    return server
  }

  /// What the loop would do now: the questions, and when it looks again.
  private func work(_ state: inout ProberState, now: ProbeMoment) -> (asks: [ProberState.Ask], until: Duration?) {
    var asks: [ProberState.Ask] = []
    while true {
      switch state.next(now: now, uid: { "uid" }) {
      case .ask(let ask): asks.append(ask)
      case .wait(let due): return (asks, due.map { self.start.steady.duration(to: $0) })
      }
    }
  }

  private let yes = Result<WebhookAnswer, WebhookFailure>.success(
    WebhookAnswer(response: ReviewResponse(uid: "uid", allowed: true), latency: .zero))

  /// 2,000 reviews a second: spread from the first second on, and for ever.
  @Test func tenThousandServersAreSpreadOverThePeriod() {
    var state = self.state(ProberLimits(exchanges: 10_000, exchangesPerWebhook: 10_000, writes: 1))
    state.observe(self.configuration, webhooks: [self.webhook("warm")], now: self.start)
    for number in 0..<10_000 { state.observe(self.server(number), images: nil, now: self.start) }
    state.start()
    var asked: [String: [Int]] = [:]
    for tick in 0...150 {
      let now = self.start.advanced(by: .milliseconds(100 * tick))
      let (asks, _) = self.work(&state, now: now)
      // A tenth of a second of 2,000 a second, and some for chance.
      #expect(asks.count <= 300, "\(asks.count) in 100 ms")
      for ask in asks {
        asked[ask.server.name, default: []].append(tick)
        state.answered(ask, self.yes, now: now)
      }
    }
    #expect(asked.count == 10_000)
    #expect(asked.values.allSatisfy { $0.count >= 3 && $0[1] - $0[0] == 50 && $0[2] - $0[1] == 50 })
  }

  @Test func aServerMadeLaterIsAskedAboutWithinASecond() {
    var state = self.state()
    state.observe(self.configuration, webhooks: [self.webhook("warm") { $0.periodSeconds = 600 }], now: self.start)
    state.start()
    state.observe(self.server(1), images: nil, now: self.start)
    #expect(state.mustWake)
    #expect(self.work(&state, now: self.start.advanced(by: .seconds(1))).asks.map(\.server.name) == ["arena-1"])
  }

  @Test func theConfigurationMayComeLaterThanTheServer() {
    var state = self.state()
    state.start()
    state.observe(self.server(1), images: nil, now: self.start)
    state.observe(self.server(2, configuration: nil), images: nil, now: self.start)
    #expect(self.work(&state, now: self.start).until == nil)
    state.observe(self.configuration, webhooks: [self.webhook("warm")], now: self.start)
    #expect(state.mustWake)
    let later = self.start.advanced(by: .seconds(1))
    let asks = self.work(&state, now: later).asks
    #expect(asks.map(\.server.name) == ["arena-1"])
    #expect(asks.first?.question.subject == .init(configuration: "games/arena", webhook: "warm", type: .readiness))
    // Gone with the configuration.
    state.answered(asks[0], self.yes, now: later)
    state.observe(self.configuration, webhooks: [], now: later)
    #expect(self.work(&state, now: later.advanced(by: .seconds(60))).asks.isEmpty)
  }

  @Test func aConfigurationOfAnotherNamespaceIsAnotherOne() {
    var state = self.state()
    state.start()
    state.observe(self.server(1), images: nil, now: self.start)
    state.observe(ObjectKey(namespace: "other", name: "arena"), webhooks: [self.webhook("warm")], now: self.start)
    #expect(self.work(&state, now: self.start.advanced(by: .seconds(60))).asks.isEmpty)
  }

  @Test func aServerThatIsGoneIsForgotten() {
    var state = self.state()
    state.observe(self.configuration, webhooks: [self.webhook("warm")], now: self.start)
    state.start()
    state.observe(self.server(1), images: nil, now: self.start)
    let later = self.start.advanced(by: .seconds(1))
    let ask = self.work(&state, now: later).asks[0]
    state.remove(self.server(1).key)
    state.answered(ask, self.yes, now: later)
    #expect(state.takeUnwritten().isEmpty)
    #expect(state.questions.runningCount == 0)
    #expect(self.work(&state, now: later.advanced(by: .seconds(60))).asks.isEmpty)
  }

  /// An answer about the Server that was there before is none about the one of the same name.
  @Test func aServerMadeAnewBeginsAnew() {
    var state = self.state()
    state.observe(self.configuration, webhooks: [self.webhook("warm")], now: self.start)
    state.start()
    state.observe(self.server(1), images: nil, now: self.start)
    let later = self.start.advanced(by: .seconds(1))
    let ask = self.work(&state, now: later).asks[0]
    var anew = self.server(1)
    anew.metadata.uid = "another"
    state.observe(anew, images: nil, now: later)
    state.answered(ask, self.yes, now: later)
    #expect(state.takeUnwritten().isEmpty)
    #expect(self.work(&state, now: later.advanced(by: .seconds(1))).asks.count == 1)
  }

  /// Only a watcher of Pods knows the images; it does not bring back an old Server with them.
  @Test func imagesComeByThemselves() {
    var state = self.state()
    let webhooks = [self.webhook("warm") { $0.requestPolicy = .once }]
    state.observe(self.configuration, webhooks: webhooks, now: self.start)
    state.start()
    state.observe(images: "game=game:1", of: self.server(1).key, now: self.start)
    state.observe(self.server(1), images: nil, now: self.start)
    state.observe(images: "game=game:1", of: self.server(1).key, now: self.start)
    let later = self.start.advanced(by: .seconds(1))
    state.answered(self.work(&state, now: later).asks[0], self.yes, now: later)
    #expect(self.work(&state, now: later.advanced(by: .seconds(60))).asks.isEmpty)
    state.observe(images: "game=game:2", of: self.server(1).key, now: later)
    let asks = self.work(&state, now: later.advanced(by: .seconds(1))).asks
    #expect(asks.map(\.question.request.status) == [.inplaceUpdated])
  }

  @Test func anAnswerIsToBeWritten() throws {
    var state = self.state()
    state.observe(self.configuration, webhooks: [self.webhook("warm")], now: self.start)
    state.start()
    let server = self.server(1)
    state.observe(server, images: nil, now: self.start)
    let later = self.start.advanced(by: .seconds(1))
    state.answered(self.work(&state, now: later).asks[0], self.yes, now: later)
    #expect(state.takeUnwritten() == [server.key])
    #expect(state.takeUnwritten().isEmpty)
    let write = try #require(state.write(server.key))
    #expect(write.conditions.map(\.reason) == ["Allowed"])
    state.wrote(write, server: nil, now: later)
    #expect(state.write(server.key) == nil)
    #expect(state.takeUnwritten().isEmpty)
  }

  /// Edits of one Server over and over leave no trail of due times.
  @Test func dueTimesDoNotPileUp() {
    var state = self.state()
    state.start()
    state.observe(self.server(1), images: nil, now: self.start)
    for number in 0..<10_000 {
      let webhook = self.webhook("warm") { $0.periodSeconds = Int64(100 + number % 7) }
      state.observe(
        self.configuration, webhooks: number.isMultiple(of: 2) ? [webhook] : [],
        now: self.start.advanced(by: .milliseconds(number)))
    }
    #expect(state.dueCount <= 70)
  }

  /// C10: the status of the configuration changes at every answer, and nobody is looked at for that.
  @Test func theSameWebhooksAgainChangeNothing() {
    var state = self.state()
    state.observe(self.configuration, webhooks: [self.webhook("warm")], now: self.start)
    state.start()
    state.observe(self.server(1), images: nil, now: self.start)
    let until = self.work(&state, now: self.start).until
    state.observe(self.configuration, webhooks: [self.webhook("warm")], now: self.start.advanced(by: .milliseconds(1)))
    #expect(self.work(&state, now: self.start).until == until)
    #expect(!state.mustWake)
  }
}
