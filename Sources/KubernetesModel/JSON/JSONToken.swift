/// One value or key of a JSON text that was found well-formed.
///
/// The tokens of a text lie in one array in the order of the text, those of an array or object right behind it; an
/// object's keys and values alternate.
struct JSONToken {
  /// What stands there.
  var kind: Kind
  /// A string's or number's bytes in the text, without quotation marks; for arrays and objects see ``count``.
  var start: UInt32
  /// The end of those bytes.
  var end: UInt32
  /// The token behind this value and everything inside it.
  var next: UInt32

  /// What stands in a text.
  enum Kind: UInt8 {
    case null, `false`, `true`, integer, decimal, string, escapedString, array, object
    /// A key that stands in its object once more, so that this one does not count.
    case repeatedKey
  }

  /// How many elements an array has, or how many fields an object.
  var count: Int { Int(self.end) }

  /// The children of an array or object that is the token at this place.
  func children(at index: Int) -> Range<Int> { index + 1..<Int(self.next) }
}
