import KubernetesModel
import TestSupport
import Testing

/// Inputs made at random: nothing ends the process, and what is accepted keeps its meaning.
struct ModelFuzzTests {
  @Test(arguments: 1...4 as ClosedRange<UInt64>)
  func whatTheJSONParserAcceptsItWritesAndReadsAgain(seed: UInt64) throws {
    var source = FuzzSource(seed: seed)
    let alphabet = Array("{}[]\",:\\u0123456789eE+-.truefalsn \u{7F}".utf8) + [0xFF, 0xC0, 0xED, 0xA0, 0x80]
    for _ in 0..<1_500 {
      let text = source.json().serialized()
      let value = try JSONValue(parsing: text)
      #expect(value.serialized() == text)
      // Most of these are not JSON any more.
      guard let other = try? JSONValue(parsing: source.mutated(text, from: alphabet)) else { continue }
      #expect(try JSONValue(parsing: other.serialized()) == other)
    }
  }

  @Test(arguments: 1...4 as ClosedRange<UInt64>)
  func aMergePatchHoldsAfterwardsAndTwiceIsOnce(seed: UInt64) {
    var source = FuzzSource(seed: seed)
    for _ in 0..<2_000 {
      let patch = source.json()
      let once = source.json().applying(mergePatch: patch)
      #expect(once.applying(mergePatch: patch) == once)
    }
  }

  @Test(arguments: 1...4 as ClosedRange<UInt64>)
  func aJSONPatchIsAppliedOrRefused(seed: UInt64) {
    var source = FuzzSource(seed: seed)
    var applied = 0
    for _ in 0..<2_000 {
      let operations = (0..<(1 + source.number(below: 4))).map { _ -> JSONValue in
        func pointer() -> JSONValue {
          .string(
            (0..<source.number(below: 4)).map { _ in
              "/" + source.pick(["a", "b", "c", "0", "1", "-", "~0~1", "~", "99999999999999999999", "+1", "01", ""])
            }.joined())
        }
        var operation: JSONValue = [
          "op": .string(source.pick(["add", "remove", "replace", "move", "copy", "test", "none"]))
        ]
        operation["path"] = pointer()
        if !source.isOne(in: 4) { operation["from"] = pointer() }
        if !source.isOne(in: 4) { operation["value"] = source.json(depth: 2) }
        return operation
      }
      guard let patch = try? JSONPatch(.array(operations)) else { continue }
      if (try? source.json().applying(patch)) != nil { applied += 1 }
    }
    #expect(applied > 10)
  }

  @Test(arguments: 1...4 as ClosedRange<UInt64>)
  func whatTheSelectorParsersAcceptTheyWriteAndReadAgain(seed: UInt64) throws {
    var source = FuzzSource(seed: seed)
    let starts = [
      "a=b,c!=d", "e in (x,y),f notin (z)", "g,!h", "i>5,j<-1", "x.io/y==z", "metadata.name=a\\,b", "k in ()",
    ]
    let alphabet = Array("abz09=!<>(),.\\-_/ in".utf8)
    var accepted = 0
    for _ in 0..<3_000 {
      let text = String(decoding: source.mutated(Array(source.pick(starts).utf8), from: alphabet), as: UTF8.self)
      if let labels = try? LabelQuery(text) {
        accepted += 1
        #expect(try LabelQuery(labels.description) == labels, "\(text)")
        _ = labels.matches(["a": "b", "i": "9223372036854775808"])
      }
      if let fields = try? FieldSelector(text) {
        accepted += 1
        #expect(try FieldSelector(fields.description) == fields, "\(text)")
      }
    }
    #expect(accepted > 100)
  }

  @Test(arguments: 1...2 as ClosedRange<UInt64>)
  func timesAndDurationsAreReadOrRefused(seed: UInt64) {
    var source = FuzzSource(seed: seed)
    let starts = [
      "2026-01-02T03:04:05Z", "0000-01-01T00:00:00+23:59", "9999-12-31T23:59:59.999999999-23:59", "1h2m3.5s",
    ]
    for _ in 0..<3_000 {
      let bytes = source.mutated(Array(source.pick(starts).utf8), from: Array("0123456789-+:.TZhmsµn".utf8))
      let text = String(decoding: bytes, as: UTF8.self)
      if let time = Timestamp(text) { _ = time.advanced(by: .seconds(source.pick([Int64.max, .min, 0]))).description }
      if let duration = GoDuration(text) { #expect(GoDuration(duration.description) == duration, "\(text)") }
    }
  }
}
