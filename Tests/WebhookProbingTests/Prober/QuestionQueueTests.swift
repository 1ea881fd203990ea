import TestSupport
import Testing

@testable import WebhookProbing

@Suite struct QuestionQueueTests {
  @Test func webhooksTakeTurnsAndKeepTheirOrder() {
    var queue = QuestionQueue<String, Int>(limit: 10, limitPerWebhook: 10)
    for number in 0..<3 { queue.add(number, of: "a") }
    for number in 0..<2 { queue.add(number, of: "b") }
    var given: [String] = []
    while let (webhook, question) = queue.next() { given.append("\(webhook)\(question)") }
    #expect(given == ["a0", "b0", "a1", "b1", "a2"])
    #expect(queue.waitingCount == 0)
    #expect(queue.runningCount == 5)
  }

  @Test func oneThatHangsLeavesRoomForTheOthers() {
    var queue = QuestionQueue<String, Int>(limit: 4, limitPerWebhook: 2)
    for number in 0..<100 { queue.add(number, of: "hangs") }
    queue.add(0, of: "works")
    var given: [String] = []
    while let (webhook, _) = queue.next() { given.append(webhook) }
    #expect(given == ["hangs", "works", "hangs"])
    queue.ended("works")
    queue.add(1, of: "works")
    #expect(queue.hasNext)
    #expect(queue.next()?.webhook == "works")
    #expect(queue.next() == nil)
    queue.ended("hangs")
    #expect(queue.next()?.question == 2)
  }

  @Test(arguments: 0..<50) func nothingIsLostAndNoLimitBroken(seed: Int) {
    var source = FuzzSource(seed: UInt64(seed))
    var queue = QuestionQueue<Int, Int>(limit: 5, limitPerWebhook: 2)
    var running: [Int: Int] = [:]
    var added = 0
    var given: [Int: [Int]] = [:]
    var total = 0
    func take() {
      while let (webhook, question) = queue.next() {
        running[webhook, default: 0] += 1
        given[webhook, default: []].append(question)
        total += 1
        #expect(running[webhook, default: 0] <= 2)
        #expect(running.values.reduce(0, +) <= 5)
      }
      #expect(!queue.hasNext)
    }
    for _ in 0..<500 {
      if source.isOne(in: 2) {
        queue.add(added, of: source.number(below: 4))
        added += 1
      } else if let webhook = running.filter({ $0.value > 0 }).keys.sorted().first {
        running[webhook, default: 0] -= 1
        queue.ended(webhook)
      }
      take()
    }
    while let webhook = running.filter({ $0.value > 0 }).keys.first {
      running[webhook, default: 0] -= 1
      queue.ended(webhook)
      take()
    }
    #expect(total == added)
    #expect(given.values.allSatisfy { $0 == $0.sorted() })
    #expect(queue.waitingCount == 0 && queue.runningCount == 0)
  }
}
