import FoundationEssentials
import HTTPTransport
import KubernetesModel
import TestSupport
import Testing

@testable import KubernetesClient

@Suite struct CredentialSourceTests {
  private func source(
    _ credentials: ClientConfiguration.Credentials, _ time: ManualTime,
    files: ClientConfiguration.SecurityFiles = ClientConfiguration.SecurityFiles()
  ) -> CredentialSource {
    var configuration = ClientConfiguration(scheme: "https", authority: "test", credentials: credentials)
    configuration.securityFiles = files
    return CredentialSource(configuration, time: time.time)
  }

  /// A plugin that gives `token-N` at its Nth run, valid for ten minutes from the given time.
  private func plugin(_ folder: String, expiry: Timestamp?) throws -> CredentialPlugin {
    let end = expiry.map { #","expirationTimestamp":"\#($0)""# } ?? ""
    try write(
      """
      #!/bin/sh
      test -e \(folder)/broken && exit 1
      echo run >> \(folder)/runs
      count=$(wc -l < \(folder)/runs)
      printf '%s' '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"token-'"$count"'"\(end)}}'
      """, to: folder + "/login")
    // Not run itself: another test's process may be starting just now, and hold the file open for writing.
    return CredentialPlugin(
      apiVersion: "client.authentication.k8s.io/v1", command: "/bin/sh", arguments: [folder + "/login"],
      environment: [:],
      installHint: nil, interaction: .never, cluster: nil, origin: "config: users.u.exec")
  }

  @Test func aTokenFileIsReadAgain() async throws {
    try await withFolder { folder in
      let time = ManualTime()
      let path = folder + "/token"
      try write("one\n", to: path)
      let source = self.source(.tokenFile(path), time)
      #expect(try await source.current().token == "one")
      try write("two\n", to: path)
      #expect(try await source.current().token == "one")
      time.advance(by: .seconds(61))
      #expect(try await source.current().token == "two")
      try write("three\n", to: path)
      #expect(source.invalidate(sent: "two"))
      #expect(try await source.current().token == "three")
      // While it is being replaced, the last one stands.
      try write("", to: path)
      time.advance(by: .seconds(61))
      #expect(try await source.current().token == "three")
    }
  }

  @Test func certificatesAreReadAgainAsAPair() async throws {
    try await withFolder { folder in
      let time = ManualTime()
      let files = ClientConfiguration.SecurityFiles(
        certificateAuthority: folder + "/ca", clientCertificate: folder + "/crt", clientKey: folder + "/key")
      let source = self.source(.none, time, files: files)
      for name in ["ca", "crt", "key"] { try write("\(name)-2", to: "\(folder)/\(name)") }
      #expect(try await source.current().security == TransportSecurity())
      time.advance(by: .seconds(61))
      let second = try await source.current().security
      #expect(second.certificateAuthority == Array("ca-2".utf8))
      #expect(second.clientCertificate == Array("crt-2".utf8))
      #expect(second.clientKey == Array("key-2".utf8))
      try write("crt-3", to: folder + "/crt")
      try FileManager.default.removeItem(atPath: folder + "/key")
      time.advance(by: .seconds(61))
      #expect(try await source.current().security.clientCertificate == Array("crt-2".utf8))
    }
  }

  @Test func aPluginRunsOnceForAllAndAgainBeforeTheEnd() async throws {
    try await withFolder { folder in
      let time = ManualTime()
      let plugin = try self.plugin(folder, expiry: time.timestamp.advanced(by: .seconds(600)))
      let source = self.source(.plugin(plugin), time)
      let tokens = try await withThrowingTaskGroup(of: String?.self) { group in
        for _ in 0..<20 { group.addTask { try await source.current().token } }
        return try await group.reduce(into: Set<String?>()) { $0.insert($1) }
      }
      #expect(tokens == ["token-1"])
      time.advance(by: .seconds(530))
      #expect(try await source.current().token == "token-1")
      time.advance(by: .seconds(20))
      #expect(try await source.current().token == "token-2")
    }
  }

  @Test func aFailingRenewalLeavesWhatStillHolds() async throws {
    try await withFolder { folder in
      let time = ManualTime()
      let plugin = try self.plugin(folder, expiry: time.timestamp.advanced(by: .seconds(600)))
      let source = self.source(.plugin(plugin), time)
      #expect(try await source.current().token == "token-1")
      try write("", to: folder + "/broken")
      time.advance(by: .seconds(580))
      #expect(try await source.current().token == "token-1")
      time.advance(by: .seconds(20))
      await #expect(throws: ConfigurationError.self) { try await source.current() }
    }
  }

  @Test func aRefusedCredentialIsFetchedAnewOnce() async throws {
    try await withFolder { folder in
      let source = self.source(.plugin(try self.plugin(folder, expiry: nil)), ManualTime())
      #expect(try await source.current().token == "token-1")
      #expect(source.invalidate(sent: "token-1"))
      #expect(try await source.current().token == "token-2")
      // A late refusal of the old one does not cost the new one.
      #expect(source.invalidate(sent: "token-1"))
      #expect(try await source.current().token == "token-2")
    }
  }

  @Test func aFixedTokenHasNoSuccessor() async throws {
    let source = self.source(.token("t"), ManualTime())
    #expect(try await source.current().token == "t")
    #expect(!source.invalidate(sent: "t"))
  }
}
