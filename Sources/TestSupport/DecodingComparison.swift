import KubernetesModel

/// Compares what the two decoders make of texts that are made at random of one object.
package struct DecodingComparison {
  private let source: FuzzSource

  package init(seed: UInt64) { self.source = FuzzSource(seed: seed) }

  /// What both decoders make of one text.
  ///
  /// - Throws: ``Disagreement`` if that is not the same.
  @discardableResult
  package static func outcome<Value: Codable>(_ type: Value.Type, _ bytes: [UInt8]) throws -> DecodingOutcome {
    let ours = try DecodingOutcome(type, inText: bytes)
    let theirs = try DecodingOutcome(type, byFoundation: bytes)
    let agrees =
      switch (ours, theirs) {
      // Foundation's decoder finds faults only where it reads.
      case (.malformed, _):
        try !DecodingOutcome(JSONValue.self, byFoundation: bytes).isValue || Self.hasCommaBeforeBrace(bytes)
      // It does not say where a number is that does not fit.
      case (.refused, .malformed): true
      case (.refused, .refused): ours.refusedInside == theirs.refusedInside
      default: ours == theirs
      }
    guard agrees else {
      let text = String(decoding: bytes, as: UTF8.self)
      throw Disagreement(description: "\(type): \(ours), but by Foundation \(theirs): \(text)")
    }
    return ours
  }

  /// Whether there is what Foundation's decoder, and no other, lets through.
  private static func hasCommaBeforeBrace(_ bytes: [UInt8]) -> Bool {
    var last: UInt8 = 0
    for byte in bytes where !" \t\r\n".utf8.contains(byte) {
      if last == UInt8(ascii: ","), byte == UInt8(ascii: "}") { return true }
      last = byte
    }
    return false
  }

  /// How often both decoders gave a value, and how often both refused.
  package struct Counts {
    package var values = 0
    package var refusals = 0
  }

  /// The two decoders did not agree.
  package struct Disagreement: Error, CustomStringConvertible {
    package var description: String
  }

  /// Alters `text` in so many ways, first what it means and then its bytes.
  ///
  /// - Throws: ``Disagreement`` at the first text of which the two make different things.
  package func compare<Value: Codable>(_ type: Value.Type, _ text: String, rounds: Int) throws -> Counts {
    var source = self.source
    var counts = Counts()
    let original = try JSONValue(parsing: Array(text.utf8))
    let alphabet = Array("{}[]\",:\\u0123456789eE+-.truefalsn \u{7F}".utf8) + [0xFF, 0xC0, 0xED, 0xA0, 0x80]
    for round in 0..<rounds {
      var altered = original
      for _ in 0..<source.number(below: 3) { altered = source.altered(altered) }
      var bytes = source.spelled(altered)
      if round % 3 == 0 { bytes = source.mutated(bytes, from: alphabet) }
      // Foundation's decoder takes the first value of a repeated key.
      if let document = try? JSONDocument(parsing: bytes), !document.duplicateFields.isEmpty { continue }
      if try Self.outcome(type, bytes).isValue { counts.values += 1 } else { counts.refusals += 1 }
    }
    return counts
  }
}
