import KubernetesModel
import Testing

@Suite struct MergePatchDifferenceTests {
  @Test func nothingDiffers() {
    #expect(JSONValue.mergePatch(from: ["a": 1, "b": nil], to: ["a": 1]) == nil)
  }

  @Test func onlyWhatDiffersIsInThePatch() {
    let old: JSONValue = ["a": 1, "b": ["c": 2, "d": 3], "e": [1, 2], "gone": "x"]
    let new: JSONValue = ["a": 1, "b": ["c": 2, "d": 4], "e": [1], "new": true]
    let patch = JSONValue.mergePatch(from: old, to: new)
    #expect(patch == ["b": ["d": 4], "e": [1], "gone": nil, "new": true])
    #expect(patch.map { old.applying(mergePatch: $0) } == new)
  }
}
