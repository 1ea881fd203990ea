import Testing

@testable import Cryptography

@Suite struct WebhookSignatureTests {
  private static let now: Int64 = 1_614_265_330
  private let body = Array(#"{"test": 2432232314}"#.utf8)

  private func secret(_ filling: UInt8 = 7) throws -> WebhookSecret {
    try WebhookSecret("whsec_" + String(repeating: filling == 7 ? "MfKQ" : "Q9r8", count: 8))
  }

  /// The example that the specification's own libraries are tested with.
  @Test func signsAsTheSpecificationSays() throws {
    let signature = try WebhookSignature(
      signing: self.body, id: "msg_p5jXN8AQM9LWM0D4loKWxJek", timestamp: Self.now,
      secrets: [WebhookSecret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")])
    #expect(signature.signatures == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")
  }

  @Test func eachOfTwoSecretsIsEnough() throws {
    let (old, new) = (try self.secret(), try self.secret(9))
    let signature = try WebhookSignature(signing: self.body, id: "1", timestamp: Self.now, secrets: [old, new])
    for secrets in [[old], [new], [new, old]] {
      try signature.verify(body: self.body, secrets: secrets, now: Self.now)
    }
  }

  @Test func refusesWhatWasChanged() throws {
    let secret = try self.secret()
    let signature = try WebhookSignature(signing: self.body, id: "1", timestamp: Self.now, secrets: [secret])
    var (otherID, otherTime, otherVersion) = (signature, signature, signature)
    otherID.id = "2"
    otherTime.timestamp += 1
    otherVersion.signatures = "v2" + signature.signatures.dropFirst(2)
    for changed in [otherID, otherTime, otherVersion] {
      #expect(throws: WebhookSignature.Fault.wrong) {
        try changed.verify(body: self.body, secrets: [secret], now: Self.now)
      }
    }
    #expect(throws: WebhookSignature.Fault.wrong) {
      try signature.verify(body: self.body + [0x20], secrets: [secret], now: Self.now)
    }
    #expect(throws: WebhookSignature.Fault.wrong) {
      try signature.verify(body: self.body, secrets: [try self.secret(9)], now: Self.now)
    }
  }

  @Test func refusesWhatIsTooOldOrTooEarly() throws {
    let secret = try self.secret()
    let signature = try WebhookSignature(signing: self.body, id: "1", timestamp: Self.now, secrets: [secret])
    try signature.verify(body: self.body, secrets: [secret], now: Self.now + 300)
    try signature.verify(body: self.body, secrets: [secret], now: Self.now - 300)
    #expect(throws: WebhookSignature.Fault.stale) {
      try signature.verify(body: self.body, secrets: [secret], now: Self.now + 301)
    }
    #expect(throws: WebhookSignature.Fault.early) {
      try signature.verify(body: self.body, secrets: [secret], now: Self.now - 301)
    }
  }

  @Test(
    arguments: [
      [nil, "1", "v1,x"], ["1", nil, "v1,x"], ["1", "1", nil], ["", "1", "v1,x"], ["1", "soon", "v1,x"],
      ["1", "-1", "v1,x"], ["1", "1", ""],
    ] as [[String?]])
  func refusesMalformedFields(_ fields: [String?]) {
    #expect(throws: WebhookSignature.Fault.malformed) {
      try WebhookSignature(id: fields[0], timestamp: fields[1], signatures: fields[2])
    }
  }

  @Test func readsOneOrTwoSecrets() throws {
    let text = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    #expect(try WebhookSecret.parse(Array("\(text)\n".utf8)).count == 1)
    #expect(try WebhookSecret.parse(Array("\(text) \(text)".utf8)).count == 2)
    for malformed in ["", "\(text) \(text) \(text)", "secret", "whsec_!", "whsec_c2hvcnQ="] {
      #expect(throws: CryptographyError.self) { try WebhookSecret.parse(Array(malformed.utf8)) }
    }
  }

  @Test func doesNotTellItsBytes() throws {
    let secret = try WebhookSecret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    var dumped = ""
    dump(secret, to: &dumped)
    for text in ["\(secret)", String(reflecting: secret), "\([secret])", dumped] {
      #expect(!text.contains("MfKQ") && !text.contains("49"))
    }
  }
}
