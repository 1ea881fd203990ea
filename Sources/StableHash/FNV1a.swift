/// The hash FNV-1a, in 32 or 64 bits: the same for the same bytes in every process and release, unlike a `Hasher`'s.
///
/// It spreads well and is quick to compute. Whoever wants two texts of one hash finds them, so nothing that matters may rest
/// on their being different. Inlinable, as every line of an answer's head is hashed.
///
/// ```swift
/// FNV1a<UInt32>("arena".utf8).value
/// ```
package struct FNV1a<Word: FNV1aWord>: Sendable, Hashable {
  /// The hash of all that was mixed in so far.
  @inlinable package var value: Word { self.state }

  @usableFromInline var state: Word

  /// Creates the hash of nothing.
  @inlinable package init() { self.state = Word.fnv1aBasis }

  /// Creates the hash of bytes.
  @inlinable package init(_ bytes: some Sequence<UInt8>) {
    self.init()
    self.mix(bytes)
  }

  /// Mixes bytes in.
  @inlinable package mutating func mix(_ bytes: some Sequence<UInt8>) {
    for byte in bytes { self.mix(word: Word(truncatingIfNeeded: byte)) }
  }

  /// Mixes a number in as if it was one byte, for hashes that nobody else has to arrive at.
  @inlinable package mutating func mix(word: Word) { self.state = (self.state ^ word) &* Word.fnv1aPrime }
}

/// A width of ``FNV1a``, with the numbers that belong to it
/// (<https://datatracker.ietf.org/doc/html/draft-eastlake-fnv>).
package protocol FNV1aWord: FixedWidthInteger, UnsignedInteger, Sendable {
  /// The hash of nothing.
  static var fnv1aBasis: Self { get }
  /// What is multiplied by.
  static var fnv1aPrime: Self { get }
}

extension UInt32: FNV1aWord {
  /// The hash of nothing.
  @inlinable package static var fnv1aBasis: UInt32 { 0x811C_9DC5 }
  /// What is multiplied by.
  @inlinable package static var fnv1aPrime: UInt32 { 0x0100_0193 }
}

extension UInt64: FNV1aWord {
  /// The hash of nothing.
  @inlinable package static var fnv1aBasis: UInt64 { 0xCBF2_9CE4_8422_2325 }
  /// What is multiplied by.
  @inlinable package static var fnv1aPrime: UInt64 { 0x0000_0100_0000_01B3 }
}
