import Testing

@testable import WebhookProbing

@Suite struct SecretCacheTests {
  private let start = ContinuousClock.now

  private func ask(_ cache: inout SecretCache<String, Int>, _ seconds: Double) -> String {
    switch cache.ask("key", now: self.start.advanced(by: .seconds(seconds))) {
    case .use(let content): "use \(content)"
    case .read: "read"
    case .wait: "wait"
    }
  }

  private func read(_ cache: inout SecretCache<String, Int>, _ content: Int?, _ seconds: Double) {
    cache.read("key", content, now: self.start.advanced(by: .seconds(seconds)))
  }

  @Test func whatIsNewIsNotReadAgain() {
    var cache = SecretCache<String, Int>()
    #expect(self.ask(&cache, 0) == "read")
    #expect(self.ask(&cache, 0) == "wait")
    self.read(&cache, 1, 0)
    #expect(self.ask(&cache, 29.9) == "use 1")
    #expect(self.ask(&cache, 30) == "read")
    // One reads; the others go on with what there is.
    #expect(self.ask(&cache, 30) == "use 1")
    self.read(&cache, 2, 31)
    #expect(self.ask(&cache, 60) == "use 2")
  }

  @Test func whatIsDoubtedIsReadAgainAtMostOnceASecond() {
    var cache = SecretCache<String, Int>()
    _ = self.ask(&cache, 0)
    self.read(&cache, 1, 0)
    cache.doubt("key")
    #expect(self.ask(&cache, 0.5) == "use 1")
    #expect(self.ask(&cache, 1) == "read")
    self.read(&cache, 2, 1)
    #expect(self.ask(&cache, 2.5) == "use 2")
  }

  @Test func aReadingThatDidNotEndIsMadeAgain() {
    var cache = SecretCache<String, Int>()
    #expect(self.ask(&cache, 0) == "read")
    self.read(&cache, nil, 0)
    #expect(self.ask(&cache, 0) == "read")
  }

  @Test func itsSizeIsBounded() {
    var cache = SecretCache<Int, Int>()
    for number in 0..<10_000 {
      _ = cache.ask(number, now: self.start)
      cache.read(number, number, now: self.start)
    }
    #expect(cache.count <= 1_000)
  }
}
