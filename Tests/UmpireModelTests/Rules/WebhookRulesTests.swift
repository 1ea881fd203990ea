import KubernetesModel
import TestSupport
import Testing
import UmpireModel

@Suite struct WebhookRulesTests {
  private func lines(_ webhook: JSONValue) throws -> [String] {
    try RuleSubject.problems("WebhookConfiguration", RuleSubject.configuration(webhook)).map(\.line)
  }

  @Test func aSoundConfigurationHasNoProblems() throws {
    let secrets: JSONValue = [
      "signingSecretRef": ["name": "keys", "key": "arena.key"], "clientCertificateRef": ["name": "own"],
      "clientConfig": ["caBundle": .string(CertificateSamples.bundle)], "timeoutSeconds": 30, "periodSeconds": 86_400,
      "failureThreshold": 1000, "name": "studio.example/WarmedUp",
    ]
    #expect(try self.lines(secrets).isEmpty)
    #expect(try RuleSubject.lines("WebhookConfiguration", ["webhooks": []]).isEmpty)
  }

  @Test(
    arguments: [
      (["name": ""], "error webhooks[0].name: Required value"),
      (
        ["name": "Ready"],
        "error webhooks[0].name: Forbidden: the name is that of a condition that Umpire writes itself"
      ),
      (["timeoutSeconds": 0], "error webhooks[0].timeoutSeconds: Invalid value: 0: must be from 1 to 30"),
      (["timeoutSeconds": 31], "error webhooks[0].timeoutSeconds: Invalid value: 31: must be from 1 to 30"),
      (["periodSeconds": 0], "error webhooks[0].periodSeconds: Invalid value: 0: must be from 1 to 86400"),
      (["failureThreshold": 1001], "error webhooks[0].failureThreshold: Invalid value: 1001: must be from 1 to 1000"),
      (["signingSecretRef": ["name": "", "key": "k"]], "error webhooks[0].signingSecretRef.name: Required value"),
      (
        ["signingSecretRef": ["name": "s", "key": "a b"]],
        "error webhooks[0].signingSecretRef.key: Invalid value: \"a b\": must consist of alphanumeric characters, '-', '_' or '.'"
      ),
      (
        ["clientConfig": ["service": ["port": 0]]],
        "error webhooks[0].clientConfig.service.port: Invalid value: 0: must be from 1 to 65535"
      ),
      (
        ["clientConfig": ["service": ["path": "/a b"]]],
        "error webhooks[0].clientConfig.service.path: Invalid value: \"/a b\": must have only visible ASCII characters, and no #"
      ),
      (
        ["clientConfig": ["service": nil]],
        "error webhooks[0].clientConfig: Required value: exactly one of url and service must be given"
      ),
    ] as [(JSONValue, String)])
  func whatIsWrongIsNamed(webhook: JSONValue, line: String) throws {
    #expect(try self.lines(webhook) == [line])
  }

  @Test func namesAreUniqueAndNotTooMany() throws {
    let webhook = try #require(RuleSubject.smallest["WebhookConfiguration"]?["webhooks"]?[0])
    func named(_ name: String) -> JSONValue { webhook.applying(mergePatch: ["name": .string(name)]) }
    let three: JSONValue = ["webhooks": [named("a"), named("b"), named("a")]]
    #expect(
      try RuleSubject.lines("WebhookConfiguration", three)
        == ["error webhooks[2]: Duplicate value: {\"name\":\"a\"}"])
    let many = JSONValue.array((0...64).map { named("w\($0)") })
    #expect(
      try RuleSubject.lines("WebhookConfiguration", ["webhooks": many])
        == ["error webhooks: Too many: 65: must have at most 64 items"])
  }

  // MARK: Addresses

  @Test(arguments: [
    "http://a", "https://a/", "https://studio.example:443/scale?zone=1", "http://10.0.0.1:8000", "https://[::1]:8443/x",
    "https://[fd00::1]",
  ])
  func addressesThatCanBeAsked(url: String) throws {
    #expect(try self.lines(["clientConfig": ["service": nil, "url": .string(url)]]).isEmpty)
  }

  @Test(arguments: [
    ("ftp://a", "must begin with http:// or https://"), ("a.example", "must begin with http:// or https://"),
    ("HTTPS://a", "must begin with http:// or https://"), ("https://", "must name a host"),
    ("https:///x", "must name a host"), ("http://:80", "must name a host"), ("https://a b", "must have only visible"),
    ("https://ä", "must have only visible"), ("https://a#b", "must have no fragment"),
    ("https://a:0", "must have a port from 1 to 65535"), ("https://a:65536", "must have a port from 1 to 65535"),
    ("https://a:", "must have a port from 1 to 65535"), ("https://a:+80", "must have a port from 1 to 65535"),
    ("https://[::1", "must have a ]"), ("https://user:word@a/x", "must hold neither a user name nor a password"),
  ])
  func addressesThatCannot(url: String, fault: String) throws {
    let lines = try self.lines(["clientConfig": ["service": nil, "url": .string(url)]])
    #expect(lines.count == 1 && lines[0].contains("clientConfig.url: Invalid value") && lines[0].contains(fault))
  }

  @Test func secretsOfAnAddressAreNotShown() throws {
    let url: JSONValue = ["clientConfig": ["service": nil, "url": "https://user:word@a/x?token=abc"]]
    let line = try #require(try self.lines(url).first)
    #expect(line.contains("\"https://[hidden]@a/x\""))
    #expect(!line.contains("user:") && !line.contains("word@"))
    #expect(!line.contains("abc"))
  }

  // MARK: Bundles

  private func bundleLines(_ bundle: String, _ client: JSONValue = [:]) throws -> [String] {
    try self.lines(["clientConfig": client.applying(mergePatch: ["caBundle": .string(bundle)])])
  }

  @Test func bundlesOfCertificates() throws {
    let block = CertificateSamples.block()
    #expect(try self.bundleLines(CertificateSamples.bundle("# ours\n" + block + block)).isEmpty)
    #expect(
      try self.bundleLines(CertificateSamples.bundle(block.split(separator: "\n").joined(separator: "\r\n"))).isEmpty)
    // As tools wrap it.
    let wrapped = CertificateSamples.bundle.prefix(64) + "\n" + CertificateSamples.bundle.dropFirst(64)
    #expect(try self.bundleLines(String(wrapped)).isEmpty)
  }

  @Test(arguments: [
    ("", "must hold PEM certificates"), ("not base64!", "must be base64"),
    (CertificateSamples.bundle("hello"), "holds no PEM certificate"),
    (CertificateSamples.bundle(CertificateSamples.block("EC PARAMETERS")), "holds no PEM certificate"),
    (CertificateSamples.bundle(CertificateSamples.block("PRIVATE KEY")), "holds a private key"),
    (
      CertificateSamples.bundle(CertificateSamples.block() + CertificateSamples.block("RSA PRIVATE KEY")),
      "holds a private key"
    ),
    (CertificateSamples.bundle(String(CertificateSamples.block().dropLast(30))), "has no end"),
    (CertificateSamples.bundle("-----BEGIN CERTIFICATE-----\nAA\n-----END X-----\n"), "has another end"),
    (CertificateSamples.bundle("-----BEGIN CERTIFICATE-----\n" + CertificateSamples.block()), "begins within another"),
    (
      CertificateSamples.bundle(CertificateSamples.block() + CertificateSamples.block("CERTIFICATE", [0x30, 1, 2, 3])),
      "certificate 2 is damaged"
    ),
    (
      CertificateSamples.bundle(CertificateSamples.block("CERTIFICATE", [1, 2, 3, 4, 5, 6])), "certificate 1 is damaged"
    ),
  ])
  func bundlesThatAreNone(bundle: String, fault: String) throws {
    let lines = try self.bundleLines(bundle)
    #expect(lines.count == 1)
    #expect(
      lines.first?.hasPrefix("error webhooks[0].clientConfig.caBundle: Invalid value: \"\(bundle.utf8.count) bytes\"")
        == true)
    #expect(lines.first?.contains(fault) == true, "\(lines)")
  }

  @Test func aBundleThatIsNotUsedOrTooLarge() throws {
    let plain: JSONValue = ["service": nil, "url": "http://a"]
    let line = try #require(try self.bundleLines(CertificateSamples.bundle, plain).first)
    #expect(line.hasPrefix("warning webhooks[0].clientConfig.caBundle") && line.hasSuffix("the url is not https"))
    let large = String(repeating: "A", count: (1 << 20) + 4)
    #expect(
      try self.bundleLines(large)
        == ["error webhooks[0].clientConfig.caBundle: Too long: may not be more than 1048576 bytes"])
  }

  // MARK: Changes

  @Test func whatWasWrongBeforeIsNotToldAgain() throws {
    let old = RuleSubject.configuration(["timeoutSeconds": 99])
    let relabelled = old.applying(mergePatch: ["metadata": ["labels": ["a": "b"]]])
    #expect(try RuleSubject.problems("WebhookConfiguration", relabelled, replacing: old).isEmpty)
    let worse = RuleSubject.configuration(["timeoutSeconds": 99, "periodSeconds": 0])
    #expect(
      try RuleSubject.problems("WebhookConfiguration", worse, replacing: old).map(\.fault.field)
        == ["webhooks[0].periodSeconds"])
    let other = RuleSubject.configuration(["timeoutSeconds": 98])
    #expect(try RuleSubject.problems("WebhookConfiguration", other, replacing: old).count == 1)
  }
}
