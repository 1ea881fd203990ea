package import KubernetesModel
package import UmpireModel
package import WebhookClient

/// What one asker knows of one Server: whom it asks and when, and what the answers make of the Server's conditions.
///
/// A value that does nothing by itself. ``observe(_:now:)`` brings it up to date, ``takeDue(now:)`` gives the questions
/// that are to be asked, ``answered(_:_:refresh:now:)`` takes their results, and ``changes`` is what is to be written.
///
/// - Readiness is asked until the Server is to go, and anew once its images have changed or its game was started again.
/// - Constraint webhooks are told of constraints until they acknowledge them, and again once those have changed.
/// - Deletable webhooks are asked while the Server is to go, and after the Constraint webhooks. A yes counts for that
///   time only: once it is over, the condition is set back. They are asked anew once the game was started again.
package struct ServerProbes: Sendable {
  /// Which webhooks are ours.
  package let asker: Webhook.Caller
  /// The Server as it was last seen.
  package private(set) var server: Server
  var probes: [WebhookProbe] = []
  /// Webhooks that somebody else asks about this Server.
  var others: [Webhook] = []
  private var images: String?
  private var status = ReviewRequest.Status.created
  private var isNew = true
  private var lastQuestion: UInt64 = 0
  /// The newest version that a write of ours has led to.
  private var written: (version: Int64, at: ContinuousClock.Instant)?
  private let share: Double

  /// Creates the probes of a Server that nobody has asked about yet; ``observe(_:now:)`` is to follow.
  package init(_ server: Server, asker: Webhook.Caller) {
    self.asker = asker
    self.server = server
    self.share = ProbeSpread.share(of: server.metadata.uid ?? server.key.description)
  }

  /// A Server and its webhooks, as they are now.
  package struct Observation: Sendable {
    /// The Server.
    package var server: Server
    /// All webhooks of its configuration; none if there is no such configuration.
    package var webhooks: [Webhook]
    /// The images that its containers run; nil if that is not known.
    package var images: String?
    /// Whether the asker has only just started, and everything is new to it.
    package var isStarting: Bool

    /// Creates an observation.
    package init(server: Server, webhooks: [Webhook], images: String? = nil, isStarting: Bool = false) {
      self.server = server
      self.webhooks = webhooks
      self.images = images
      self.isStarting = isStarting
    }
  }

  // MARK: Observing

  /// Takes in the Server and its webhooks.
  package mutating func observe(_ observation: Observation, now: ProbeMoment) {
    let before = self.isNew ? nil : self.server
    if !self.isOutdated(observation.server, now: now) { self.server = observation.server }
    self.match(observation.webhooks, isStarting: observation.isStarting, now: now)
    let hasMissed = before.map { Self.hasMissed(from: $0, to: self.server) } ?? false
    if let images = observation.images, let known = self.images, images != known {
      self.status = .inplaceUpdated
      self.restart(.readiness)
    }
    self.images = observation.images ?? self.images
    if let before {
      if hasMissed || before.spec.constraints != self.server.spec.constraints { self.restart(.constraint) }
      let isAnotherLife = before.status?.gameRestarts != self.server.status?.gameRestarts
      if isAnotherLife { self.restart(.readiness) }
      if hasMissed || isAnotherLife || before.isToGo != self.server.isToGo { self.restart(.deletable) }
    }
    self.isNew = false
    self.settle(isStarting: observation.isStarting, now: now)
  }

  /// Brings the probes in line with the webhooks.
  private mutating func match(_ webhooks: [Webhook], isStarting: Bool, now: ProbeMoment) {
    let asked = webhooks.filter { $0.type != .scaling && !$0.isReserved }
    self.others = asked.filter { $0.caller != self.asker && self.isAsked(by: $0.caller) }
    let old = Dictionary(self.probes.map { ($0.webhook.name, $0) }) { first, _ in first }
    let conditions = self.server.status?.conditions ?? []
    self.probes = asked.filter { $0.caller == self.asker }.map { webhook in
      let condition = conditions[type: webhook.name]
      guard var probe = old[webhook.name], probe.webhook.type == webhook.type else {
        var probe = WebhookProbe(webhook, now: now)
        probe.observe(condition)
        if self.isStillTrue(condition, webhook.type) { probe.restore() }
        return probe
      }
      probe.observe(condition)
      probe.edit(webhook, first: self.first(for: webhook, isStarting: isStarting, hasAnswer: true, now: now))
      return probe
    }
  }

  /// Whether a condition from before our start still counts.
  private func isStillTrue(_ condition: Condition?, _ type: WebhookType) -> Bool {
    if let condition, self.server.status?.isOfPresentLife(condition) == false { return false }
    return switch type {
    case .readiness: true
    // Of this generation: since then nobody has changed whether the Server is to go.
    case .deletable: self.server.isToGo && condition?.observedGeneration == self.server.metadata.generation
    case .constraint, .scaling: false
    }
  }

  private mutating func restart(_ type: WebhookType) {
    for index in self.probes.indices where self.probes[index].webhook.type == type { self.probes[index].restart() }
  }

  /// Whether there was a generation in between, in which the Server was perhaps not to go.
  private static func hasMissed(from old: Server, to new: Server) -> Bool {
    guard let before = old.metadata.generation, let after = new.metadata.generation else { return false }
    return after > before + 1
  }

  /// Whether `server` is older than what our own write has led to.
  ///
  /// After a minute a lower version is taken for what it may be then: an API server that was set back.
  private func isOutdated(_ server: Server, now: ProbeMoment) -> Bool {
    guard let written = self.written, let version = server.metadata.resourceVersion.flatMap(Int64.init) else {
      return false
    }
    return version < written.version && written.at.duration(to: now.steady) < .seconds(60)
  }

  // MARK: Asking

  /// When the next question is due; nil if none will be before something changes.
  package var nextDue: ContinuousClock.Instant? { self.probes.lazy.compactMap(\.nextDue).min() }

  /// Takes the questions that are due; each is to be ended by ``answered(_:_:refresh:now:)`` or ``withdraw(_:now:)``.
  package mutating func takeDue(now: ProbeMoment) -> [ProbeQuestion] {
    var questions: [ProbeQuestion] = []
    for index in self.probes.indices {
      guard let question = self.probes[index].ask(number: self.lastQuestion + 1, now: now.steady) else { continue }
      self.lastQuestion += 1
      questions.append(question)
    }
    return questions
  }

  /// The review to send and whom to send it to; nil if the question makes no sense any more.
  ///
  /// - Parameter uid: a fresh one.
  package func review(for question: ProbeQuestion, uid: String) -> (request: ReviewRequest, webhook: Webhook)? {
    guard let probe = self.probes.first(where: { $0.webhook.name == question.webhook }), probe.stands(question)
    else { return nil }
    let metadata = self.server.metadata
    var request = ReviewRequest(
      uid: uid, name: metadata.name ?? "", namespace: metadata.namespace ?? "", type: question.type)
    request.status = self.status
    request.labels = metadata.labels
    request.annotations = metadata.annotations
    if question.type == .constraint { request.constraints = self.server.spec.constraints }
    return (request, probe.webhook)
  }

  /// Ends a question that was not asked.
  package mutating func withdraw(_ question: ProbeQuestion, now: ProbeMoment) {
    guard let index = self.index(of: question) else { return }
    _ = self.probes[index].end(question, now: now.steady)
  }

  /// Takes the result of a question.
  package mutating func answered(
    _ question: ProbeQuestion, _ result: Result<WebhookAnswer, WebhookFailure>, refresh: RefreshIntervals,
    now: ProbeMoment
  ) {
    guard let index = self.index(of: question), self.probes[index].end(question, now: now.steady) else { return }
    // A question that we withdrew ourselves says nothing of the webhook.
    if case .failure(let failure) = result, failure.reason == .cancelled { return }
    self.probes[index].take(result)
    if self.isReported(self.probes[index]) {
      self.probes[index].report(
        message: (try? result.get())?.response.reason,  // A failure has a message of its own.
        generation: self.server.metadata.generation, restarts: self.server.status?.gameRestarts,
        ofGeneration: question.type != .readiness, refresh: refresh, now: now)
    }
    self.settle(isStarting: false, now: now)
  }

  private func index(of question: ProbeQuestion) -> Int? {
    self.probes.firstIndex { $0.webhook.name == question.webhook && $0.webhook.type == question.type }
  }

  // MARK: Writing

  /// The conditions that are to be written.
  package var changes: [Condition] { self.probes.compactMap(\.pending) }

  /// Conditions have been written.
  ///
  /// - Parameter server: the Server as it is since; nil if that is not known.
  package mutating func wrote(_ conditions: [Condition], server: Server?, now: ProbeMoment) {
    for index in self.probes.indices {
      let name = self.probes[index].webhook.name
      if let condition = conditions[type: name] { self.probes[index].wrote(condition, now: now.steady) }
    }
    guard let server, server.metadata.uid == self.server.metadata.uid,
      let version = server.metadata.resourceVersion.flatMap(Int64.init)
    else { return }
    self.written = (max(version, self.written?.version ?? version), now.steady)
    self.follow(server, now: now)
  }

  /// Takes over the answer to our own write, which is newer than what the watch has brought.
  private mutating func follow(_ server: Server, now: ProbeMoment) {
    guard let version = server.metadata.resourceVersion.flatMap(Int64.init),
      let known = self.server.metadata.resourceVersion.flatMap(Int64.init), version > known
    else { return }
    let webhooks = self.probes.map(\.webhook) + self.others
    self.observe(Observation(server: server, webhooks: webhooks), now: now)
  }

  /// When a webhook that is to be asked from now on is asked first.
  func first(
    for webhook: Webhook, isStarting: Bool, hasAnswer: Bool, now: ProbeMoment
  ) -> ContinuousClock.Instant {
    let period = ProbeSchedule.period(webhook.periodSeconds)
    return now.steady.advanced(
      by: ProbeSpread.delay(period, share: self.share, isStarting: isStarting, hasAnswer: hasAnswer))
  }
}
