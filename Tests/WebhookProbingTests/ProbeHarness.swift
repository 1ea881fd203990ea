import KubernetesModel
import UmpireModel
import WebhookClient

@testable import WebhookProbing

/// One Server's probes, a clock that is moved by hand, and an API server that takes every write.
struct ProbeHarness {
  static let start = ProbeMoment(steady: .now, wall: Timestamp(secondsSinceEpoch: 1_800_000_000))

  var server: Server
  var webhooks: [Webhook]
  var images: String? = "game=game:1"
  var now = Self.start
  var probes: ServerProbes
  private var version = 1

  init(
    _ webhooks: [Webhook], conditions: [Condition] = [], asker: Webhook.Caller = .sidecar, uid: String = "uid-1",
    _ change: (inout Server) -> Void = { _ in }
  ) {
    var server = Server(
      metadata: ObjectMeta(name: "arena-1", namespace: "games", labels: ["tier": "gold"]),
      spec: ServerSpec(pod: PodSpec(containers: [Container(name: "game", image: "game:1")])),
      status: ServerStatus(state: .running, conditions: conditions))
    server.metadata.uid = uid
    server.metadata.generation = 1
    server.metadata.resourceVersion = "1"
    server.spec.webhookConfigurationName = "arena"
    change(&server)
    self.server = server
    self.webhooks = webhooks
    self.probes = ServerProbes(server, asker: asker)
  }

  static func webhook(_ name: String, _ type: WebhookType, _ change: (inout Webhook) -> Void = { _ in }) -> Webhook {
    var webhook = Webhook(
      name: name, type: type, clientConfig: WebhookClientConfig(service: ServiceReference(name: "decider")))
    change(&webhook)
    return webhook
  }

  static let notInService = Constraint(type: ConstraintTypes.notInService, message: "maintenance")

  /// Shows the probes the Server as it is.
  mutating func observe(isStarting: Bool = false) {
    self.probes.observe(
      .init(server: self.server, webhooks: self.webhooks, images: self.images, isStarting: isStarting), now: self.now)
  }

  /// Changes what is wanted of the Server, as the API server would, and shows it.
  mutating func edit(generations: Int64 = 1, _ change: (inout Server) -> Void) {
    change(&self.server)
    self.server.metadata.generation = (self.server.metadata.generation ?? 0) + generations
    self.bump()
    self.observe()
  }

  mutating func drain() { self.edit { $0.spec.constraints = [Self.notInService] } }
  mutating func reclaim() { self.edit { $0.spec.constraints = [] } }
  mutating func delete() {
    let now = self.now.wall
    self.edit { $0.metadata.deletionTimestamp = now }
  }

  /// Notes another life of the game, as the controller does.
  mutating func notice(restarts: Int64, setsBack: Bool = true) {
    var status = self.server.status ?? ServerStatus()
    status.gameRestarts = restarts
    for var condition in status.conditions where setsBack && condition.status == .true {
      condition.status = .false
      condition.reason = "GameRestarted"
      condition.observedRestarts = restarts
      status.conditions.set(condition, now: self.now.wall)
    }
    self.server.status = status
    self.bump()
    self.observe()
  }

  /// Lets time pass, and takes what is due then.
  mutating func pass(_ duration: Duration) -> [ProbeQuestion] {
    self.now = self.now.advanced(by: duration)
    return self.probes.takeDue(now: self.now)
  }

  /// Lets time pass to the next question, and takes what is due then; nothing if there will be none.
  mutating func next() -> [ProbeQuestion] {
    guard let due = self.probes.nextDue else { return [] }
    return self.pass(max(.zero, self.now.steady.duration(to: due)))
  }

  mutating func answer(_ question: ProbeQuestion, _ allowed: Bool, _ reason: String? = nil) {
    let answer = WebhookAnswer(response: ReviewResponse(uid: "u", allowed: allowed, reason: reason), latency: .zero)
    self.end(question, .success(answer))
  }

  mutating func fail(_ question: ProbeQuestion, _ reason: WebhookFailure.Reason = .timeout, _ message: String = "late")
  {
    self.end(question, .failure(WebhookFailure(reason, message)))
  }

  private mutating func end(_ question: ProbeQuestion, _ result: Result<WebhookAnswer, WebhookFailure>) {
    self.probes.answered(question, result, refresh: RefreshIntervals(servers: 1), now: self.now)
  }

  /// Asks what is due next and has it all answered alike.
  mutating func exchange(_ allowed: Bool, _ reason: String? = nil) {
    for question in self.next() { self.answer(question, allowed, reason) }
  }

  /// Writes what is to be written, and shows the probes what came of it.
  ///
  /// - Returns: type, status and reason of each.
  @discardableResult
  mutating func write() -> [String] {
    let changes = self.probes.changes
    guard !changes.isEmpty else { return [] }
    var status = self.server.status ?? ServerStatus()
    for change in changes { status.conditions.set(change, now: self.now.wall) }
    self.server.status = status
    self.bump()
    self.probes.wrote(changes, server: self.server, now: self.now)
    return changes.map { "\($0.type) \($0.status.rawValue) \($0.reason ?? "")" }
  }

  func condition(_ type: String) -> Condition? { self.server.status?.conditions[type: type] }

  private mutating func bump() {
    self.version += 1
    self.server.metadata.resourceVersion = "\(self.version)"
  }
}
