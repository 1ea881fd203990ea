import FoundationEssentials
import HTTPTransport
import KubernetesModel
import TestSupport
import Testing

@testable import KubernetesClient

@Suite struct KubeconfigMergeTests {
  private func file(
    cluster: String = "server: https://one.test:6443", user: String = "token: secret", context: String = "one"
  ) -> String {
    """
    apiVersion: v1
    kind: Config
    current-context: \(context)
    clusters:
    - {name: c, cluster: {\(cluster)}}
    users:
    - {name: u, user: {\(user)}}
    contexts:
    - {name: \(context), context: {cluster: c, user: u}}
    """
  }

  private func configuration(_ text: String) async throws -> ClientConfiguration {
    try await withFolder { folder in
      try write(text, to: folder + "/config")
      return try Kubeconfig(paths: [folder + "/config"]).configuration()
    }
  }

  private func refusal(_ text: String) async throws -> String {
    let error = await #expect(throws: ConfigurationError.self) { try await self.configuration(text) }
    return error?.message ?? ""
  }

  @Test func filesOfTheListMayBeMissing() async throws {
    try await withFolder { folder in
      try write(self.file(), to: folder + "/b")
      let environment = ["KUBECONFIG": "\(folder)/a::\(folder)/b:\(folder)/b"]
      let configuration = try ClientConfiguration.discover(kubeconfig: nil, environment: environment)
      #expect(configuration.authority == "one.test:6443")
      let named = #expect(throws: ConfigurationError.self) {
        try ClientConfiguration.discover(kubeconfig: folder + "/a", environment: environment)
      }
      #expect(named?.message == "\(folder)/a: cannot be read: no such file")
      let none = #expect(throws: ConfigurationError.self) {
        try ClientConfiguration.discover(kubeconfig: nil, environment: ["KUBECONFIG": "\(folder)/a:\(folder)/x"])
      }
      #expect(none?.message == "KUBECONFIG: none of its files exists: \(folder)/a, \(folder)/x")
    }
  }

  @Test func entriesComeFromDifferentFilesAndPathsFromTheirOwn() async throws {
    try await withFolder { folder in
      try FileManager.default.createDirectory(atPath: folder + "/sub", withIntermediateDirectories: true)
      try write("# nothing yet\n", to: folder + "/empty")
      try write(
        """
        contexts:
        - {name: one, context: {cluster: c, user: u, namespace: first}}
        - {name: two, context: {cluster: c, user: u}}
        """, to: folder + "/first")
      try write("PEM", to: folder + "/sub/ca.pem")
      try write("from-file\n", to: folder + "/sub/token")
      try write(
        self.file(
          cluster: "server: https://two.test, certificate-authority: ca.pem",
          user: "tokenFile: token, token: other"), to: folder + "/sub/second")
      let kubeconfig = try Kubeconfig(paths: ["empty", "first", "sub/second"].map { "\(folder)/\($0)" })
      let configuration = try kubeconfig.configuration()
      #expect(configuration.authority == "two.test")
      #expect(configuration.namespace == "first")
      #expect(configuration.security.certificateAuthority == Array("PEM".utf8))
      #expect(configuration.securityFiles.certificateAuthority == folder + "/sub/ca.pem")
      #expect(configuration.credentials == .tokenFile(folder + "/sub/token"))
      #expect(try kubeconfig.configuration(context: "two").namespace == "default")
    }
  }

  @Test(arguments: [
    ("server: https://h, insecure-skip-tls-verify: true, certificate-authority-data: UEVN", "insecure-skip-tls-verify"),
    ("server: https://h, certificate-authority-data: '*'", "certificate-authority-data"),
    ("server: https://h, certificate-authority: nowhere.pem", "certificate-authority"),
    ("server: https://h, proxy-url: ftp://proxy", "proxy-url"),
    ("server: ''", "server"),
  ])
  func theClustersFieldIsNamed(cluster: String, field: String) async throws {
    let message = try await self.refusal(self.file(cluster: cluster))
    #expect(message.contains("/config: clusters.c.\(field):"), "\(message)")
  }

  @Test(arguments: [
    ("client-certificate-data: UEVN", "client-key"), ("client-key-data: UEVN", "client-certificate"),
    ("username: me, password: x", "username"), ("as: somebody", "as"), ("auth-provider: {name: gcp}", "auth-provider"),
    ("exec: {apiVersion: client.authentication.k8s.io/v1alpha1, command: c}", "exec.apiVersion"),
    ("exec: {apiVersion: client.authentication.k8s.io/v1beta1}", "exec.command"),
    ("exec: {apiVersion: client.authentication.k8s.io/v1, command: c}", "exec.interactiveMode"),
  ])
  func theUsersFieldIsNamed(user: String, field: String) async throws {
    let message = try await self.refusal(self.file(user: user))
    #expect(message.contains("/config: users.u.\(field):"), "\(message)")
  }

  @Test func aNameStandsOnceInAList() async throws {
    let twice = self.file() + "\n- {name: one, context: {cluster: c}}"
    #expect(try await self.refusal(twice).hasSuffix("contexts: two entries are named 'one'"))
  }

  @Test func aPluginIsDescribedWhole() async throws {
    let configuration = try await self.configuration(
      """
      current-context: one
      clusters:
      - name: c
        cluster:
          server: https://one.test
          tls-server-name: api
          certificate-authority-data: UEVN
          extensions:
          - {name: other, extension: 1}
          - {name: client.authentication.k8s.io/exec, extension: {audience: games}}
      users:
      - name: u
        user:
          exec:
            apiVersion: client.authentication.k8s.io/v1beta1
            command: ./login
            args: [--cluster, one]
            env: [{name: A, value: b}]
            installHint: get it
            provideClusterInfo: true
      contexts:
      - {name: one, context: {cluster: c, user: u}}
      """)
    guard case .plugin(let plugin) = configuration.credentials else {
      Issue.record("no plugin")
      return
    }
    #expect(plugin.command.hasPrefix("/") && plugin.command.hasSuffix("/./login"))
    #expect(plugin.arguments == ["--cluster", "one"])
    #expect(plugin.environment == ["A": "b"])
    #expect(plugin.interaction == .ifAvailable)
    #expect(
      plugin.request(isInteractive: false) == [
        "apiVersion": "client.authentication.k8s.io/v1beta1", "kind": "ExecCredential",
        "spec": [
          "interactive": false,
          "cluster": [
            "server": "https://one.test", "tls-server-name": "api", "certificate-authority-data": "UEVN",
            "config": ["audience": "games"],
          ],
        ],
      ])
  }
}
