import DequeModule

/// Questions that wait to be asked: in their order for each webhook, and the webhooks in turn.
///
/// Only so many are asked at a time, and fewer of one webhook, so that one that hangs does not keep the others waiting.
struct QuestionQueue<Webhook: Hashable, Question> {
  private let limit: Int
  private let limitPerWebhook: Int
  private var waiting: [Webhook: Deque<Question>] = [:]
  private var running: [Webhook: Int] = [:]
  /// Webhooks with a question that may be asked now, each once.
  private var turn: Deque<Webhook> = []
  private(set) var waitingCount = 0
  private(set) var runningCount = 0

  init(limit: Int, limitPerWebhook: Int) {
    self.limit = max(1, limit)
    self.limitPerWebhook = max(1, limitPerWebhook)
  }

  /// Whether ``next()`` would give a question.
  var hasNext: Bool { self.runningCount < self.limit && !self.turn.isEmpty }

  mutating func add(_ question: Question, of webhook: Webhook) {
    self.waitingCount += 1
    let isFirst = self.waiting[webhook, default: []].isEmpty
    self.waiting[webhook, default: []].append(question)
    if isFirst, self.running[webhook, default: 0] < self.limitPerWebhook { self.turn.append(webhook) }
  }

  /// The next question; report its end with ``ended(_:)``.
  mutating func next() -> (webhook: Webhook, question: Question)? {
    guard self.runningCount < self.limit, let webhook = self.turn.popFirst(),
      let question = self.waiting[webhook]?.popFirst()
    else { return nil }
    self.waitingCount -= 1
    self.runningCount += 1
    let running = self.running[webhook, default: 0] + 1
    self.running[webhook] = running
    if self.waiting[webhook]?.isEmpty == true {
      self.waiting[webhook] = nil
    } else if running < self.limitPerWebhook {
      self.turn.append(webhook)
    }
    return (webhook, question)
  }

  mutating func ended(_ webhook: Webhook) {
    guard let running = self.running[webhook] else { return }
    self.runningCount -= 1
    self.running[webhook] = running == 1 ? nil : running - 1
    // At the limit it had no turn, however many were waiting.
    if running == self.limitPerWebhook, self.waiting[webhook] != nil { self.turn.append(webhook) }
  }
}
