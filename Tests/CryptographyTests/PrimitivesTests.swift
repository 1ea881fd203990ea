import Testing

@testable import Cryptography

struct PrimitivesTests {
  /// RFC 4231, section 4.
  @Test(arguments: [
    (
      [UInt8](repeating: 0x0b, count: 20), Array("Hi There".utf8),
      "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
    ),
    (
      Array("Jefe".utf8), Array("what do ya want for nothing?".utf8),
      "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    ),
    (
      [UInt8](repeating: 0xaa, count: 20), [UInt8](repeating: 0xdd, count: 50),
      "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"
    ),
    (
      Array(UInt8(1)...25), [UInt8](repeating: 0xcd, count: 50),
      "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"
    ),
    (
      [UInt8](repeating: 0xaa, count: 131), Array("Test Using Larger Than Block-Size Key - Hash Key First".utf8),
      "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
    ),
  ])
  func authenticationCodesAreThoseOfTheStandard(key: [UInt8], message: [UInt8], expected: String) throws {
    let code = try HMACSHA256.code(for: message, key: key)
    #expect(code == Hexadecimal.bytes(expected))
    #expect(try HMACSHA256.isValid(code, for: message, key: key))
    #expect(try !HMACSHA256.isValid(code, for: message + [0], key: key))
    #expect(try !HMACSHA256.isValid(Array(code.dropLast()), for: message, key: key))
  }

  @Test func anEmptyKeyIsAKeyOfItsOwn() throws {
    let empty = try HMACSHA256.code(for: [], key: [])
    #expect(empty == Hexadecimal.bytes("b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad"))
    _ = try HMACSHA256.code(for: [1], key: [1, 2, 3])
    #expect(try HMACSHA256.code(for: [], key: []) == empty)
  }

  /// RFC 8032, section 7.1.
  @Test(arguments: [
    (
      "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
      "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
      "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46b"
        + "d25bf5f0595bbe24655141438e7a100b"
    ),
    (
      "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
      "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
      "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c"
        + "387b2eaeb4302aeeb00d291612bb0c00"
    ),
    (
      "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
      "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
      "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc659"
        + "4a7c15e9716ed28dc027beceea1ec40a"
    ),
  ])
  func signaturesAreThoseOfTheStandard(seed: String, publicKey: String, message: String, expected: String) throws {
    let key = try Ed25519.SigningKey(seed: Hexadecimal.bytes(seed))
    let message = Hexadecimal.bytes(message)
    #expect(key.verificationKey.description == publicKey)
    let signature = try key.signature(of: message)
    #expect(signature == Hexadecimal.bytes(expected))
    #expect(try key.verificationKey.isValid(signature, for: message))
    #expect(try !key.verificationKey.isValid(signature, for: message + [1]))
    var forged = signature
    forged[0] ^= 1
    #expect(try !key.verificationKey.isValid(forged, for: message))
    #expect(try !key.verificationKey.isValid([], for: message))
  }

  @Test func keysOfTheWrongLengthAreRefused() throws {
    let signing = #expect(throws: CryptographyError.self) { try Ed25519.SigningKey(seed: [1, 2, 3]) }
    #expect(signing?.code == .malformed)
    #expect(throws: CryptographyError.self) { try Ed25519.VerificationKey(bytes: []) }
    let one = try Ed25519.SigningKey()
    let other = try Ed25519.SigningKey()
    #expect(one.verificationKey != other.verificationKey)
    #expect(try !other.verificationKey.isValid(one.signature(of: [1]), for: [1]))
  }

  @Test func secretsAreNotShown() throws {
    let seed = [UInt8](repeating: 77, count: 32)
    let key = try Ed25519.SigningKey(seed: seed)
    var text = ""
    dump(key, to: &text)
    #expect(!(text + "\(key) \(String(reflecting: key))").contains("77"))
    let authorityKey = try PrivateKey()
    text = ""
    dump(authorityKey, to: &text)
    #expect("\(authorityKey) \(String(reflecting: authorityKey))" == "PrivateKey PrivateKey")
    #expect(!text.contains("45"))
  }

  @Test func comparisonLooksAtEverything() {
    #expect(ConstantTime.areEqual([1, 2, 3], [1, 2, 3]))
    #expect(ConstantTime.areEqual([], []))
    #expect(!ConstantTime.areEqual([1, 2, 3], [1, 2, 4]))
    #expect(!ConstantTime.areEqual([1, 2, 3], [1, 2]))
    #expect(ConstantTime.areEqual("token".utf8, "token".utf8))
  }

  @Test func randomBytesAreAsManyAsAskedFor() throws {
    #expect(try RandomBytes.make(0).isEmpty)
    #expect(try RandomBytes.make(32).count == 32)
    #expect(try RandomBytes.make(32) != RandomBytes.make(32))
    #expect(throws: CryptographyError.self) { try RandomBytes.make(-1) }
    #expect(throws: CryptographyError.self) { try RandomBytes.make(65_537) }
  }
}

/// Bytes written as two digits each.
enum Hexadecimal {
  static func bytes(_ text: String) -> [UInt8] {
    var bytes: [UInt8] = []
    var rest = text[...]
    while rest.count >= 2 {
      bytes.append(UInt8(rest.prefix(2), radix: 16) ?? 0)
      rest = rest.dropFirst(2)
    }
    return bytes
  }
}
