import FoundationEssentials
import HTTPTransport
import TestSupport
import Testing

@testable import KubernetesClient
@testable import UmpireLocal

struct KubeconfigWriterTests {
  @Test func theClientReadsWhatIsWritten() async throws {
    try await withFolder { folder in
      let path = "\(folder)/kubeconfig"
      let authority = Array("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n".utf8)
      try KubeconfigWriter(server: "https://127.0.0.1:1234", authority: authority, token: "a\"b\\c: #d")
        .write(to: path)
      let configuration = try ClientConfiguration.discover(kubeconfig: path, environment: [:])
      #expect(configuration.scheme == "https")
      #expect(configuration.authority == "127.0.0.1:1234")
      #expect(configuration.security.certificateAuthority == authority)
      #expect(configuration.credentials == .token("a\"b\\c: #d"))
      let attributes = try FileManager.default.attributesOfItem(atPath: path)
      #expect(attributes[.posixPermissions] as? Int == 0o600)
    }
  }

  @Test func withoutSecurityThereIsOnlyTheServer() {
    #expect(
      KubeconfigWriter(server: "http://127.0.0.1:8001").text == """
        apiVersion: v1
        kind: Config
        current-context: umpire-local
        clusters:
        - name: umpire-local
          cluster:
            server: http://127.0.0.1:8001
        users:
        - name: umpire-local
          user: {}
        contexts:
        - name: umpire-local
          context:
            cluster: umpire-local
            user: umpire-local
            namespace: default

        """)
  }
}
