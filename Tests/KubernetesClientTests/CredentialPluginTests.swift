import FoundationEssentials
import KubernetesModel
import TestSupport
import Testing

@testable import KubernetesClient

@Suite struct CredentialPluginTests {
  private func plugin(_ command: String, arguments: [String] = [], hint: String? = nil) -> CredentialPlugin {
    CredentialPlugin(
      apiVersion: "client.authentication.k8s.io/v1", command: command, arguments: arguments,
      environment: ["FROM_FILE": "yes"], installHint: hint, interaction: .never, cluster: nil,
      origin: "/config: users.u.exec")
  }

  private func shell(_ script: String) -> CredentialPlugin { self.plugin("sh", arguments: ["-c", script]) }

  private func refusal(_ plugin: CredentialPlugin, timeLimit: Duration = .seconds(60)) async -> String {
    let error = await #expect(throws: ConfigurationError.self) { try await plugin.run(timeLimit: timeLimit) }
    return error?.message ?? ""
  }

  private func answer(_ status: String) -> String {
    #"{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":\#(status)}"#
  }

  @Test func givesWhatThePluginPrints() async throws {
    let script = """
      test "$FROM_FILE" = yes || exit 3
      case "$KUBERNETES_EXEC_INFO" in *'"kind":"ExecCredential"'*) ;; *) exit 4;; esac
      printf '%s' '\(self.answer(#"{"token":"t","expirationTimestamp":"2030-01-02T03:04:05Z"}"#))'
      """
    let credential = try await self.shell(script).run()
    #expect(credential == Credential(token: "t", expiry: Timestamp("2030-01-02T03:04:05Z")))
    let pair = try self.shell("").credential(
      from: Array(self.answer(#"{"clientCertificateData":"C","clientKeyData":"K"}"#).utf8))
    #expect(pair == Credential(clientCertificate: Array("C".utf8), clientKey: Array("K".utf8)))
  }

  @Test(arguments: [
    "", "rubbish", "{}", #"{"apiVersion":"client.authentication.k8s.io/v1beta1","kind":"ExecCredential","status":{}}"#,
    #"{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential"}"#,
    #"{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{}}"#,
    #"{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"clientKeyData":"K"}}"#,
    #"{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"a\r\nb: c"}}"#,
    #"{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"a","expirationTimestamp":"soon"}}"#,
  ])
  func rubbishIsRefusedWithoutRepeatingIt(output: String) {
    let error = #expect(throws: ConfigurationError.self) { try self.shell("").credential(from: Array(output.utf8)) }
    #expect(error?.message.hasPrefix("/config: users.u.exec: 'sh' printed ") == true)
  }

  @Test func aMissingPluginComesWithItsHint() async {
    let message = await self.refusal(self.plugin("/nowhere/login", hint: "Install it from example.test"))
    #expect(
      message
        == "/config: users.u.exec: '/nowhere/login' cannot be started: no such file or command\nInstall it from example.test"
    )
  }

  @Test func aFailureShowsItsLastLine() async {
    let message = await self.refusal(self.shell("echo first >&2; echo 'please log in' >&2; exit 7"))
    #expect(message == "/config: users.u.exec: 'sh' ended with code 7: please log in")
    #expect(await self.refusal(self.shell("kill -9 $$")) == "/config: users.u.exec: 'sh' was ended by signal 9")
  }

  @Test func aHangingPluginIsEndedWithItsChildren() async throws {
    try await withFolder { folder in
      let message = await self.refusal(
        self.shell("sleep 600 & echo $! > \(folder)/child; wait"), timeLimit: .milliseconds(700))
      #expect(message.hasPrefix("/config: users.u.exec: 'sh' did not end within"))
      let child = try String(contentsOf: URL(filePath: folder + "/child"), encoding: .utf8)
      let identifier = child.split(whereSeparator: \.isWhitespace).first.map(String.init) ?? ""
      // A killed process stays as a zombie until its new parent looks.
      try await eventually("the child is gone") {
        guard let data = FileManager.default.contents(atPath: "/proc/\(identifier)/stat") else { return true }
        return String(decoding: data, as: UTF8.self).contains(") Z ")
      }
    }
  }

  @Test func endlessOutputIsCut() async {
    let message = await self.refusal(self.shell("yes"))
    #expect(message == "/config: users.u.exec: 'sh' printed more than 1048576 bytes")
  }

  @Test func aDaemonLeftBehindHoldsNobodyUp() async throws {
    let script = "sleep 5 & printf '%s' '\(self.answer(#"{"token":"t"}"#))'"
    #expect(try await self.shell(script).run().token == "t")
  }

  @Test func cancellationEndsIt() async {
    await withTaskGroup(of: Void.self) { group in
      group.addTask {
        await #expect(throws: CancellationError.self) { try await self.shell("sleep 600").run() }
      }
      group.cancelAll()
    }
  }

  @Test func aPersonIsAskedOnlyAtATerminal() async {
    var plugin = self.shell("exit 0")
    plugin.interaction = .always
    let error = await #expect(throws: ConfigurationError.self) { try await plugin.run(hasTerminal: false) }
    #expect(error?.message.contains("no terminal") == true)
  }
}
