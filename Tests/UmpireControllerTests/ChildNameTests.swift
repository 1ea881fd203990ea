import Testing

@testable import UmpireController

struct ChildNameTests {
  @Test func theOwnerIsCutSoThatLabelsFit() {
    #expect(ChildName.make(owner: "arena", suffix: "x2z4q") == "arena-x2z4q")
    let name = ChildName.make(owner: String(repeating: "a", count: 63), suffix: ChildName.randomSuffix())
    #expect(name.count == 56)
    #expect("\(name)-pod".count <= 63)
  }

  /// `a.-b` is no name.
  @Test(arguments: [("aaa.b", 4), ("aaa..b", 5), ("aaa", 10)])
  func noDotIsLeftAtTheCut(_ owner: String, _ length: Int) {
    #expect(ChildName.make(owner: owner, length: length, suffix: "x") == "aaa-x")
  }

  @Test func suffixesDiffer() {
    let suffixes = Set((0..<100).map { _ in ChildName.randomSuffix() })
    #expect(suffixes.count > 90 && suffixes.allSatisfy { $0.count == 5 })
  }
}
