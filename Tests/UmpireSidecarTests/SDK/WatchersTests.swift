import Testing

@testable import UmpireSidecar

struct WatchersTests {
  /// What became of a watcher, so that it can be compared.
  private static func outcome(_ answer: Watchers<Int, String>.OnAdd) -> String {
    switch answer {
    case .joined(let identifier, let first): "\(identifier), \(first.map(String.init) ?? "none yet")"
    case .full: "full"
    case .over: "over"
    }
  }

  @Test func whoJoinsIsToldTheNewestFirst() {
    var watchers = Watchers<Int, String>(maximum: 8)
    #expect(Self.outcome(watchers.add("a")) == "1, none yet")
    #expect(watchers.take(7) == ["a"])
    #expect(Self.outcome(watchers.add("b")) == "2, 7")
    #expect(Set(watchers.take(8)) == ["a", "b"])
  }

  @Test func whatIsNoNewsIsNotTold() {
    var watchers = Watchers<Int, String>(maximum: 8)
    _ = watchers.add("a")
    #expect(watchers.take(7) == ["a"])
    #expect(watchers.take(7) == [])
    #expect(watchers.take(8) == ["a"])
    #expect(watchers.take(7) == ["a"])
  }

  @Test func whoHasLeftIsNotTold() {
    var watchers = Watchers<Int, String>(maximum: 8)
    _ = watchers.add("a")
    _ = watchers.add("b")
    watchers.remove(1)
    watchers.remove(9)
    #expect(watchers.count == 1)
    #expect(watchers.take(7) == ["b"])
  }

  @Test func oneTooManyIsTurnedAwayUntilOneLeaves() {
    var watchers = Watchers<Int, String>(maximum: 2)
    _ = watchers.add("a")
    _ = watchers.add("b")
    #expect(Self.outcome(watchers.add("c")) == "full")
    watchers.remove(1)
    #expect(Self.outcome(watchers.add("d")) == "3, none yet")
  }

  @Test func nothingComesAfterTheEnd() {
    var watchers = Watchers<Int, String>(maximum: 2)
    _ = watchers.add("a")
    #expect(watchers.end() == ["a"])
    #expect(watchers.isOver)
    #expect(watchers.count == 0)
    #expect(watchers.end() == [])
    #expect(watchers.take(7) == [])
    #expect(Self.outcome(watchers.add("b")) == "over")
  }
}
