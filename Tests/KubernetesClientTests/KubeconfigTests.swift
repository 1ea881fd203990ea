import FoundationEssentials
import HTTPTransport
import Testing

@testable import KubernetesClient

@Suite struct KubeconfigTests {
  private func withFile(_ text: String, _ body: (String) throws -> Void) throws {
    let path = FileManager.default.temporaryDirectory.path + "/kubeconfig-\(UUID().uuidString)"
    try Data(text.utf8).write(to: URL(filePath: path))
    defer { try? FileManager.default.removeItem(atPath: path) }  // A left-over file harms nobody.
    try body(path)
  }

  private let whole = """
    apiVersion: v1
    kind: Config
    current-context: one
    clusters:
    - name: c
      cluster: {server: "https://example.test:6443/base/", certificate-authority-data: UEVN, tls-server-name: api}
    users:
    - name: u
      user: {token: secret, client-certificate-data: Q0VSVA==, client-key-data: S0VZ}
    contexts:
    - name: one
      context: {cluster: c, user: u, namespace: games}
    """

  @Test func readsAContext() throws {
    try self.withFile(self.whole) { path in
      let configuration = try Kubeconfig(paths: [path]).configuration()
      #expect(configuration.scheme == "https")
      #expect(configuration.authority == "example.test:6443")
      #expect(configuration.basePath == "/base")
      #expect(configuration.namespace == "games")
      #expect(configuration.security.certificateAuthority == Array("PEM".utf8))
      #expect(configuration.security.clientCertificate == Array("CERT".utf8))
      #expect(configuration.security.serverName == "api")
      #expect(configuration.credentials == .token("secret"))
    }
  }

  @Test func namesTheFieldThatIsWrong() throws {
    let broken = self.whole.replacing("https://example.test:6443/base/", with: "example.test")
    try self.withFile(broken) { path in
      let error = #expect(throws: ConfigurationError.self) { try Kubeconfig(paths: [path]).configuration() }
      #expect(error?.message.contains("\(path): clusters.c.server") == true)
    }
    try self.withFile(self.whole) { path in
      let error = #expect(throws: ConfigurationError.self) {
        try Kubeconfig(paths: [path]).configuration(context: "two")
      }
      #expect(error?.message.contains("'two'") == true)
    }
    try self.withFile("clusters: 7") { path in
      _ = #expect(throws: ConfigurationError.self) { try Kubeconfig(paths: [path]) }
    }
  }

  @Test func aMissingFileIsNamed() {
    let error = #expect(throws: ConfigurationError.self) { try Kubeconfig(paths: ["/nowhere/config"]) }
    #expect(error?.message == "/nowhere/config: cannot be read: no such file")
  }

  @Test func theFirstFileWins() throws {
    try self.withFile(self.whole) { first in
      try self.withFile(self.whole.replacing("example.test", with: "other.test")) { second in
        let configuration = try Kubeconfig(paths: [first, second]).configuration()
        #expect(configuration.authority == "example.test:6443")
      }
    }
  }
}
