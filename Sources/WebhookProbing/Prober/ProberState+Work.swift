import KubernetesModel
import UmpireModel
import WebhookClient

/// What the prober's loop does, and what becomes of it.
extension ProberState {
  /// One thing to do.
  enum Step {
    /// Ask; report with ``answered(_:_:now:)``.
    case ask(Ask)
    /// Nothing is to be done before this time; nil for never.
    case wait(until: ContinuousClock.Instant?)
  }

  /// A question on its way.
  struct Ask: Sendable {
    var server: ObjectKey
    var number: UInt64
    var probe: ProbeQuestion
    var question: WebhookQuestion
    var webhook: Webhook
    /// How long after its time it is asked.
    var delay: Duration
  }

  /// Conditions of one Server on their way.
  struct Write: Sendable {
    var key: ObjectKey
    var number: UInt64
    var server: Server
    var conditions: [Condition]
  }

  /// - Parameter uid: makes the identifier of a question.
  mutating func next(now: ProbeMoment, uid: () -> String) -> Step {
    self.takeDue(now: now)
    while let (subject, waiting) = self.questions.next() {
      if let ask = self.ask(waiting, of: subject, uid: uid, now: now) { return .ask(ask) }
      self.questions.ended(subject)
      self.servers[waiting.server]?.probes.withdraw(waiting.question, now: now)
      self.schedule(waiting.server)
    }
    return .wait(until: self.sleep())
  }

  private func ask(
    _ waiting: Waiting, of subject: WebhookQuestion.Subject, uid: () -> String, now: ProbeMoment
  ) -> Ask? {
    guard let entry = self.servers[waiting.server], entry.number == waiting.number,
      let (request, webhook) = entry.probes.review(for: waiting.question, uid: uid())
    else { return nil }
    return Ask(
      server: waiting.server, number: waiting.number, probe: waiting.question,
      question: WebhookQuestion(request, subject: subject), webhook: webhook,
      delay: waiting.due.duration(to: now.steady))
  }

  /// Takes the result of a question.
  mutating func answered(_ ask: Ask, _ result: Result<WebhookAnswer, WebhookFailure>, now: ProbeMoment) {
    self.questions.ended(ask.question.subject)
    guard self.servers[ask.server]?.number == ask.number else { return }
    let refresh = RefreshIntervals(servers: self.servers.count)
    self.servers[ask.server]?.probes.answered(ask.probe, result, refresh: refresh, now: now)
    self.schedule(ask.server)
  }

  /// What is to be written of a Server now; nil if nothing is.
  func write(_ key: ObjectKey) -> Write? {
    guard let entry = self.servers[key] else { return nil }
    let conditions = entry.probes.changes
    guard !conditions.isEmpty else { return nil }
    return Write(key: key, number: entry.number, server: entry.probes.server, conditions: conditions)
  }

  /// The conditions are written.
  ///
  /// - Parameter server: the Server as it is since; nil if it is gone.
  mutating func wrote(_ write: Write, server: Server?, now: ProbeMoment) {
    guard self.servers[write.key]?.number == write.number else { return }
    self.servers[write.key]?.probes.wrote(write.conditions, server: server, now: now)
    self.schedule(write.key)
  }
}
