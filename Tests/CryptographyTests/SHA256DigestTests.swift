import Testing

@testable import Cryptography

struct SHA256DigestTests {
  /// FIPS 180-4, examples of NIST.
  @Test(arguments: [
    ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    ),
  ])
  func isTheStandardsWhateverThePieces(text: String, digest: String) throws {
    for size in [1, 7, 64] {
      var state = try SHA256Digest()
      var rest = Array(text.utf8)[...]
      while !rest.isEmpty {
        try state.update(Array(rest.prefix(size)))
        rest = rest.dropFirst(size)
      }
      let bytes = try state.finish()
      #expect(bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined() == digest)
    }
  }
}
