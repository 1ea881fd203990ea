import HeapModule
import KubernetesModel
import UmpireModel
import WebhookClient

/// Everything that a prober knows, as a value: the Servers, their configurations, and what is to be done when.
///
/// ```
///            due                    room                result
///   waiting ─────> QuestionQueue ─────────> under way ──────────> waiting
///                                                         └─────> unwritten, if a condition has changed
/// ```
struct ProberState {
  let asker: Webhook.Caller
  let limits: ProberLimits
  var servers: [ObjectKey: Entry] = [:]
  var questions: QuestionQueue<WebhookQuestion.Subject, Waiting>
  /// Servers with conditions to write since ``takeUnwritten()``.
  private var unwritten: Set<ObjectKey> = []
  private var configurations: [ObjectKey: [Webhook]] = [:]
  private var serversByConfiguration: [ObjectKey: Set<ObjectKey>] = [:]
  /// Due times; one that its Server has no longer counts for nothing.
  private var heap: Heap<Due> = []
  private var lastNumber: UInt64 = 0
  private(set) var isStarting = true
  /// When the loop looks again without being woken; nil for never.
  private var wakesAt: ContinuousClock.Instant?

  /// One Server.
  struct Entry {
    /// Tells it from others of the same name.
    var number: UInt64
    var probes: ServerProbes
    var images: String?
    var configuration: ObjectKey
    var scheduled: ContinuousClock.Instant?
  }

  /// A question that is due.
  struct Waiting {
    var server: ObjectKey
    var number: UInt64
    var question: ProbeQuestion
    var due: ContinuousClock.Instant
  }

  private struct Due: Comparable {
    var time: ContinuousClock.Instant
    var server: ObjectKey
    var number: UInt64
    static func < (left: Due, right: Due) -> Bool { left.time < right.time }
    static func == (left: Due, right: Due) -> Bool { left.time == right.time && left.number == right.number }
  }

  init(asker: Webhook.Caller, limits: ProberLimits) {
    self.asker = asker
    self.limits = limits
    self.questions = QuestionQueue(limit: limits.exchanges, limitPerWebhook: limits.exchangesPerWebhook)
  }

  /// Everything that has been observed so far was there at the start.
  mutating func start() { self.isStarting = false }

  // MARK: Observing

  /// - Parameter images: the images that run in it; nil if that is not known.
  mutating func observe(_ server: Server, images: String?, now: ProbeMoment) {
    let key = server.key
    guard let name = server.webhookConfigurationName else { return self.remove(key) }
    let configuration = ObjectKey(namespace: key.namespace, name: name)
    if let known = self.servers[key],
      known.probes.server.metadata.uid != server.metadata.uid || known.configuration != configuration
    {
      self.remove(key)
    }
    if self.servers[key] == nil {
      self.lastNumber += 1
      self.servers[key] = Entry(
        number: self.lastNumber, probes: ServerProbes(server, asker: self.asker), configuration: configuration)
      self.serversByConfiguration[configuration, default: []].insert(key)
    }
    if let images { self.servers[key]?.images = images }
    self.look(at: key, server: server, now: now)
  }

  mutating func observe(images: String, of key: ObjectKey, now: ProbeMoment) {
    guard let entry = self.servers[key], entry.images != images else { return }
    self.servers[key]?.images = images
    self.look(at: key, server: entry.probes.server, now: now)
  }

  mutating func remove(_ key: ObjectKey) {
    guard let entry = self.servers.removeValue(forKey: key) else { return }
    self.serversByConfiguration[entry.configuration]?.remove(key)
    if self.serversByConfiguration[entry.configuration]?.isEmpty == true {
      self.serversByConfiguration[entry.configuration] = nil
    }
  }

  /// - Parameter webhooks: those of the configuration; none if it is gone.
  mutating func observe(_ configuration: ObjectKey, webhooks: [Webhook], now: ProbeMoment) {
    // Its status changes much more often than what it says.
    guard self.configurations[configuration] ?? [] != webhooks else { return }
    self.configurations[configuration] = webhooks.isEmpty ? nil : webhooks
    for key in (self.serversByConfiguration[configuration] ?? []).sorted() {
      guard let server = self.servers[key]?.probes.server else { continue }
      self.look(at: key, server: server, now: now)
    }
  }

  private mutating func look(at key: ObjectKey, server: Server, now: ProbeMoment) {
    guard let configuration = self.servers[key]?.configuration else { return }
    let observation = ServerProbes.Observation(
      server: server, webhooks: self.configurations[configuration] ?? [], images: self.servers[key]?.images,
      isStarting: self.isStarting)
    self.servers[key]?.probes.observe(observation, now: now)
    self.schedule(key)
  }

  /// Enters when the Server is to be looked at next, and that it has something to write.
  mutating func schedule(_ key: ObjectKey) {
    guard let entry = self.servers[key] else { return }
    let due = entry.probes.nextDue
    if due != entry.scheduled {
      self.servers[key]?.scheduled = due
      if let due { self.heap.insert(Due(time: due, server: key, number: entry.number)) }
      self.compact()
    }
    if !entry.probes.changes.isEmpty { self.unwritten.insert(key) }
  }

  /// Servers that have got something to write.
  mutating func takeUnwritten() -> Set<ObjectKey> {
    defer { self.unwritten = [] }
    return self.unwritten
  }

  /// How many due times are kept, those that no longer count included.
  var dueCount: Int { self.heap.count }

  /// Drops due times that no longer count once they are the most.
  private mutating func compact() {
    guard self.heap.count > 64 + 4 * self.servers.count else { return }
    self.heap = Heap(self.heap.unordered.filter(self.isCurrent))
  }

  private func isCurrent(_ due: Due) -> Bool {
    self.servers[due.server].map { $0.number == due.number && $0.scheduled == due.time } ?? false
  }

  // MARK: Due times

  /// Moves the questions that are due into the queue.
  mutating func takeDue(now: ProbeMoment) {
    while let due = self.heap.min, due.time <= now.steady {
      self.heap.removeMin()
      guard self.isCurrent(due) else { continue }
      self.servers[due.server]?.scheduled = nil
      let questions = self.servers[due.server]?.probes.takeDue(now: now) ?? []
      let configuration = self.servers[due.server]?.configuration.description ?? ""
      for question in questions {
        self.questions.add(
          Waiting(server: due.server, number: due.number, question: question, due: due.time),
          of: .init(configuration: configuration, webhook: question.webhook, type: question.type))
      }
      self.schedule(due.server)
    }
  }

  /// Notes that the loop wakes by itself at the next due time.
  ///
  /// - Returns: that time; nil for never.
  mutating func sleep() -> ContinuousClock.Instant? {
    self.wakesAt = self.heap.min?.time
    return self.wakesAt
  }

  /// Whether the loop must be woken, as there is something to do before it wakes by itself.
  var mustWake: Bool {
    if self.questions.hasNext { return true }
    guard let due = self.heap.min?.time else { return false }
    return self.wakesAt.map { due < $0 } ?? true
  }
}
