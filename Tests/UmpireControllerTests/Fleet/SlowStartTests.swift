import Testing

@testable import UmpireController

@Suite struct SlowStartTests {
  @Test func batchesDoubleUpToTheBound() {
    #expect(Array(SlowStart(40, bound: 16)) == [1, 2, 4, 8, 16, 9])
    #expect(Array(SlowStart(0, bound: 16)).isEmpty)
  }

  @Test func thousandsAreMadeToo() {
    let batches = Array(SlowStart(100_000, bound: 16))
    #expect(batches.reduce(0, +) == 100_000)
    #expect(batches.allSatisfy { (1...16).contains($0) })
  }
}
