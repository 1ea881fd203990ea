import KubernetesModel
import Testing

@testable import APIServer

struct FieldChangesTests {
  /// What was there, what is there, which places changed, which are gone.
  private static let cases: [(String, String, String, String)] = [
    (#"{"o":{"x":1}}"#, #"{"o":{"x":1}}"#, "{}", "{}"),
    (#"{"o":{"x":1}}"#, #"{"o":{"x":2}}"#, #"{"f:o":{"f:x":{}}}"#, "{}"),
    (#"{"o":{"x":1}}"#, #"{"o":{"x":1,"y":1}}"#, #"{"f:o":{"f:y":{}}}"#, "{}"),
    (#"{}"#, #"{"o":{"y":1}}"#, #"{"f:o":{".":{},"f:y":{}}}"#, "{}"),
    (#"{"o":{"x":1,"y":1}}"#, #"{"o":{"x":1}}"#, "{}", #"{"f:o":{"f:y":{}}}"#),
    (#"{"o":{"x":1}}"#, #"{}"#, "{}", #"{"f:o":{".":{},"f:x":{}}}"#),
    (#"{"a":["x"]}"#, #"{"a":["x","y"]}"#, #"{"f:a":{}}"#, "{}"),
    (#"{"w":{"k":"v"}}"#, #"{"w":{"l":"v"}}"#, #"{"f:w":{}}"#, "{}"),
    (#"{"s":["x","y"]}"#, #"{"s":["z","y"]}"#, #"{"f:s":{"v:\"z\"":{}}}"#, #"{"f:s":{"v:\"x\"":{}}}"#),
    // The order of sets and of elements with keys is nobody's.
    (#"{"s":["x","y"]}"#, #"{"s":["y","x"]}"#, "{}", "{}"),
    (
      #"{"l":[{"n":"a","v":1},{"n":"b"}]}"#, #"{"l":[{"n":"c"},{"n":"a","v":2}]}"#,
      #"{"f:l":{"k:{\"n\":\"a\",\"p\":\"TCP\"}":{"f:v":{}},"k:{\"n\":\"c\",\"p\":\"TCP\"}":{".":{},"f:n":{}}}}"#,
      #"{"f:l":{"k:{\"n\":\"b\",\"p\":\"TCP\"}":{".":{},"f:n":{}}}}"#
    ),
    (#"{"free":{"k":{"d":1}}}"#, #"{"free":{"k":{"d":2,"e":[1]}}}"#, #"{"f:free":{"f:k":{"f:d":{},"f:e":{}}}}"#, "{}"),
    // Another sort of value takes the place of all that was below.
    (#"{"free":{"k":{"d":1}}}"#, #"{"free":{"k":1}}"#, #"{"f:free":{"f:k":{}}}"#, #"{"f:free":{"f:k":{"f:d":{}}}}"#),
    (#"{"free":{"k":1}}"#, #"{"free":{"k":{"d":1}}}"#, #"{"f:free":{"f:k":{".":{},"f:d":{}}}}"#, "{}"),
    (#"{"o":{}}"#, #"{"o":{"x":1}}"#, #"{"f:o":{"f:x":{}}}"#, "{}"),
  ]

  @Test(arguments: Self.cases)
  func aWriteIsTheDifferenceOfTwoObjects(old: String, new: String, changed: String, removed: String) throws {
    let changes = FieldChanges(
      from: try OwnedFixture.json(old), to: try OwnedFixture.json(new), try OwnedFixture.schema())
    #expect(changes.changed.json == (try OwnedFixture.json(changed)))
    #expect(changes.removed.json == (try OwnedFixture.json(removed)))
  }
}
