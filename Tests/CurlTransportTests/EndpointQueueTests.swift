import Testing

@testable import CurlTransport

struct EndpointQueueTests {
  private var queue = EndpointQueue<String, Int>()

  @Test mutating func onlySoManyRunAtOnce() {
    #expect(self.queue.begin(1, at: "a", limit: 2) == .start)
    #expect(self.queue.begin(2, at: "a", limit: 2) == .start)
    #expect(self.queue.begin(3, at: "a", limit: 2) == .wait)
    #expect(self.queue.begin(4, at: "a", limit: 2) == .wait)
    // Another endpoint is not held up.
    #expect(self.queue.begin(5, at: "b", limit: 2) == .start)
    #expect(self.queue.end("a") { _ in true } == 3)
    #expect(self.queue.begin(6, at: "a", limit: 2) == .wait)
    #expect(self.queue.end("a") { _ in true } == 4)
    #expect(self.queue.end("a") { _ in true } == 6)
    for _ in 0..<2 { #expect(self.queue.end("a") { _ in true } == nil) }
    #expect(self.queue.end("b") { _ in true } == nil)
    #expect(self.queue.isEmpty)
  }

  @Test mutating func whatIsNotWantedAnyMoreIsSkipped() {
    #expect(self.queue.begin(1, at: "a", limit: 1) == .start)
    for number in 2...5 { #expect(self.queue.begin(number, at: "a", limit: 1) == .wait) }
    #expect(self.queue.end("a") { $0 > 3 } == 4)
    #expect(self.queue.end("a") { _ in false } == nil)
    #expect(self.queue.isEmpty)
  }

  @Test mutating func theLineHasAnEnd() {
    #expect(self.queue.begin(0, at: "a", limit: 0) == .start)
    for number in 1...64 { #expect(self.queue.begin(number, at: "a", limit: 1) == .wait) }
    #expect(self.queue.begin(65, at: "a", limit: 1) == .refuse)
    #expect(self.queue.end("a") { _ in true } == 1)
    #expect(self.queue.begin(66, at: "a", limit: 1) == .wait)
  }
}
