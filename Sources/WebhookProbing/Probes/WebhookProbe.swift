import KubernetesModel
import UmpireModel
import WebhookClient

/// What is known of one webhook and one Server: the questions, the answers that count, and the condition.
///
/// An *epoch* ends when what was answered no longer counts: the constraints or the images have changed, or the Server is
/// to go once more.
struct WebhookProbe: Sendable {
  private(set) var webhook: Webhook
  private(set) var schedule: ProbeSchedule
  /// Whether it is to be asked at all.
  private(set) var isWanted = false
  /// The question that is under way.
  private(set) var asking: UInt64?
  private(set) var epoch = 0
  /// Whether anything was answered in this epoch, or before a restart of ours, that counts.
  private(set) var hasVerdict = false
  /// Whether it has answered with yes in this epoch.
  private(set) var isSatisfied = false
  /// Whether a push may be taken for lost in this epoch.
  private(set) var hasGivenUp = false
  private var decision: Bool?
  private var failures: Int64 = 0
  private var failure: WebhookFailure?
  /// The condition as the API server has it.
  private(set) var known: Condition?
  /// The condition as it is to be.
  private(set) var pending: Condition?
  private var lastWrite: ContinuousClock.Instant?

  init(_ webhook: Webhook, now: ProbeMoment) {
    self.webhook = webhook
    self.schedule = ProbeSchedule(first: now.steady, periodSeconds: webhook.periodSeconds)
  }

  /// Whether `requestPolicy` forbids to ask again.
  var isDone: Bool { self.webhook.requestPolicy == .once && self.isSatisfied }

  /// When it is to be asked next.
  var nextDue: ContinuousClock.Instant? { self.isWanted && self.asking == nil ? self.schedule.due : nil }

  /// The condition that will stand once everything is written.
  var standing: Condition? { self.pending ?? self.known }

  // MARK: Observing

  /// Takes in the condition as it was observed.
  mutating func observe(_ condition: Condition?) {
    self.known = condition
    // Written already, though nobody said so.
    if let pending, let condition, pending.saysTheSame(as: condition) { self.pending = nil }
  }

  /// Lets what was answered before a restart of ours count again.
  mutating func restore() {
    guard let known = self.known, known.reason != ProbeReason.notAsked else { return }
    self.hasVerdict = true
    self.decision = known.status == .true
    self.isSatisfied = known.status == .true && known.reason == ProbeReason.allowed
  }

  /// Takes over an edit, for which a question that is under way may be void.
  ///
  /// - Parameter first: when the next question comes at the latest.
  mutating func edit(_ webhook: Webhook, first: ContinuousClock.Instant) {
    guard webhook != self.webhook else { return }
    if webhook.clientConfig != self.webhook.clientConfig { self.epoch += 1 }
    self.schedule.edit(periodSeconds: webhook.periodSeconds, first: first)
    self.webhook = webhook
  }

  /// Begins a new epoch.
  mutating func restart() {
    self.epoch += 1
    self.isWanted = false
    self.hasVerdict = false
    self.hasGivenUp = false
    self.decision = nil
    self.failures = 0
    self.failure = nil
    // A push that is made once is not made again for other constraints.
    if self.webhook.type != .constraint || !self.isDone { self.isSatisfied = false }
  }

  /// Says whether it is to be asked; if that is new, from `first` on.
  mutating func want(_ isWanted: Bool, first: ContinuousClock.Instant) {
    if isWanted, !self.isWanted {
      self.schedule = ProbeSchedule(first: first, periodSeconds: self.webhook.periodSeconds)
    }
    self.isWanted = isWanted
  }

  // MARK: Asking

  mutating func ask(number: UInt64, now: ContinuousClock.Instant) -> ProbeQuestion? {
    guard let due = self.nextDue, due <= now else { return nil }
    self.schedule.pass(now)
    self.asking = number
    return ProbeQuestion(webhook: self.webhook.name, type: self.webhook.type, number: number, epoch: self.epoch)
  }

  /// Whether the question still makes sense.
  func stands(_ question: ProbeQuestion) -> Bool {
    self.isWanted && self.asking == question.number && self.epoch == question.epoch
  }

  /// The question is over.
  ///
  /// - Returns: whether its result counts.
  mutating func end(_ question: ProbeQuestion, now: ContinuousClock.Instant) -> Bool {
    guard self.asking == question.number else { return false }
    self.asking = nil
    self.schedule.pass(now)
    return self.epoch == question.epoch
  }

  mutating func take(_ result: Result<WebhookAnswer, WebhookFailure>) {
    switch result {
    case .success(let answer):
      self.failures = 0
      self.failure = nil
      // A push is acknowledged by any answer: what a review says in it is not looked at.
      let isYes = answer.response.allowed || self.webhook.type == .constraint
      self.decision = isYes
      if isYes { self.isSatisfied = true }
    case .failure(let failure):
      self.failures += 1
      // What opened the breaker says more than that it is open, and does not change from question to question.
      if failure.reason != .breakerOpen || self.failure == nil { self.failure = failure }
      if self.failures >= self.webhook.failureThreshold { self.hasGivenUp = true }
    }
    self.hasVerdict = true
  }

  // MARK: The condition

  /// What counts now: the last answer, or what the failure policy says.
  private var isAllowed: Bool {
    guard self.failures < self.webhook.failureThreshold || self.failures == 0 else {
      switch self.webhook.failurePolicy {
      case .hold: return self.decision ?? false
      case .deny: return false
      case .allow: return true
      }
    }
    return self.decision ?? false
  }

  /// Tells what the last question led to.
  ///
  /// - Parameters:
  ///   - message: what an answer of the webhook gives as its reason.
  ///   - restarts: how often the game had been started again when the question was asked; nil for never.
  ///   - ofGeneration: whether the condition says something of this generation only, and is written when that is new.
  mutating func report(
    message: String?, generation: Int64?, restarts: Int64?, ofGeneration: Bool, refresh: RefreshIntervals,
    now: ProbeMoment
  ) {
    let isAllowed = self.isAllowed
    let yes = self.webhook.type == .constraint ? ProbeReason.acknowledged : ProbeReason.allowed
    var condition = Condition(
      type: self.webhook.name, status: .init(isAllowed),
      reason: self.failure?.reason.rawValue ?? (isAllowed ? yes : ProbeReason.denied),
      message: self.failure?.message ?? message ?? "", observedGeneration: generation)
    condition.lastProbeTime = now.wall
    condition.observedRestarts = restarts
    guard let standing = self.standing, standing.status == condition.status, standing.reason == condition.reason,
      standing.observedRestarts == restarts,
      !ofGeneration || standing.observedGeneration == generation
    else {
      self.pending = condition
      return
    }
    let isNewMessage = (standing.message ?? "") != condition.message
    let age = self.age(of: standing, now: now)
    if age >= refresh.probeTime || (isNewMessage && age >= refresh.message) { self.pending = condition }
  }

  /// Says that what stands is of this generation too.
  mutating func confirm(generation: Int64?) {
    guard var standing = self.standing, standing.observedGeneration != generation else { return }
    standing.observedGeneration = generation
    self.pending = standing
  }

  /// Takes back a yes that no longer counts.
  mutating func revoke(_ message: String, generation: Int64?) {
    guard var standing = self.standing, standing.status == .true else { return }
    standing.status = .false
    standing.reason = ProbeReason.notAsked
    standing.message = message
    standing.observedGeneration = generation
    self.pending = standing
  }

  /// The condition has been written.
  mutating func wrote(_ condition: Condition, now: ContinuousClock.Instant) {
    self.known = condition
    self.lastWrite = now
    if self.pending == condition { self.pending = nil }
  }

  private func age(of condition: Condition, now: ProbeMoment) -> Duration {
    if let lastWrite = self.lastWrite { return lastWrite.duration(to: now.steady) }
    guard let time = condition.lastProbeTime else { return .seconds(86_400) }
    // A clock that was set back makes nothing young.
    return time <= now.wall ? now.wall.duration(since: time) : .seconds(86_400)
  }
}

extension Condition {
  /// Whether two conditions say the same, whenever it was asked for.
  func saysTheSame(as other: Condition) -> Bool {
    self.status == other.status && self.reason == other.reason && (self.message ?? "") == (other.message ?? "")
      && self.observedGeneration == other.observedGeneration && self.observedRestarts == other.observedRestarts
  }
}
