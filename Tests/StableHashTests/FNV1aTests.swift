import StableHash
import Testing

@Suite struct FNV1aTests {
  /// From the reference implementation's test suite (<http://www.isthe.com/chongo/tech/comp/fnv/>).
  @Test(
    arguments: [
      ("", 0x811C_9DC5, 0xCBF2_9CE4_8422_2325), ("a", 0xE40C_292C, 0xAF63_DC4C_8601_EC8C),
      ("b", 0xE70C_2DE5, 0xAF63_DF4C_8601_F1A5), ("foo", 0xA9F3_7ED7, 0xDCB2_7518_FED9_D577),
      ("foobar", 0xBF9C_F968, 0x8594_4171_F739_67E8),
    ] as [(String, UInt32, UInt64)])
  func theReferenceVectors(text: String, narrow: UInt32, wide: UInt64) {
    #expect(FNV1a<UInt32>(text.utf8).value == narrow)
    #expect(FNV1a<UInt64>(text.utf8).value == wide)
  }

  @Test func bytesMayComeInParts() {
    var hash = FNV1a<UInt64>()
    hash.mix("foo".utf8)
    hash.mix([])
    hash.mix("ba".utf8)
    hash.mix(word: UInt64(UInt8(ascii: "r")))
    #expect(hash == FNV1a("foobar".utf8))
  }

  @Test func aNumberIsMixedInWhole() {
    var (small, large) = (FNV1a<UInt64>(), FNV1a<UInt64>())
    small.mix(word: 1)
    large.mix(word: 1 << 40 | 1)
    #expect(small != large)
  }
}
