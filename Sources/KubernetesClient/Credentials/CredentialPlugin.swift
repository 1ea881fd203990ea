import FoundationEssentials
package import KubernetesModel

/// A program that gives credentials, as kubeconfig's `exec` names it (`client.authentication.k8s.io`, v1 and v1beta1).
package struct CredentialPlugin: Sendable, Hashable {
  /// `client.authentication.k8s.io/v1` or `/v1beta1`.
  package var apiVersion: String
  /// A path, or a name to be found in `PATH`.
  package var command: String
  /// The command's arguments, its own name not among them.
  package var arguments: [String]
  /// Variables on top of our own environment.
  package var environment: [String: String]
  /// What a person can do when the command is missing.
  package var installHint: String?
  /// Whether it may, or must, ask a person.
  package var interaction: Interaction
  /// What the plugin is told of the cluster; nil for nothing.
  package var cluster: JSONValue?
  /// The file and the user, for messages: `FILE: users.NAME.exec`.
  package var origin: String

  /// Whether a plugin uses standard input.
  package enum Interaction: String, Sendable, Hashable {
    /// Never.
    case never = "Never"
    /// If there is a terminal.
    case ifAvailable = "IfAvailable"
    /// It cannot do without.
    case always = "Always"
  }
}

extension CredentialPlugin {
  static let versions = ["client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1"]

  /// Checks an `exec` section.
  ///
  /// - Throws: ``ConfigurationError`` naming the file and the field.
  init(_ exec: KubeconfigFile.Exec, _ entry: Kubeconfig.Entry, cluster: JSONValue?) throws(ConfigurationError) {
    guard let apiVersion = exec.apiVersion, Self.versions.contains(apiVersion) else {
      throw entry.error(
        "exec.apiVersion", "'\(exec.apiVersion ?? "")' is neither of \(Self.versions.joined(separator: ", "))")
    }
    guard let command = exec.command, !command.isEmpty else { throw entry.error("exec.command", "not set") }
    let mode = exec.interactiveMode ?? (apiVersion == Self.versions[1] ? Interaction.ifAvailable.rawValue : "")
    guard let interaction = Interaction(rawValue: mode) else {
      throw entry.error("exec.interactiveMode", "'\(mode)' is none of Never, IfAvailable, Always")
    }
    self.init(
      apiVersion: apiVersion, command: command.contains("/") ? entry.resolve(command) : command,
      arguments: exec.args ?? [],
      environment: Dictionary((exec.env ?? []).map { ($0.name, $0.value) }, uniquingKeysWith: { _, last in last }),
      installHint: exec.installHint, interaction: interaction, cluster: cluster,
      origin: "\(entry.path): \(entry.field).exec")
  }

  /// The value of `KUBERNETES_EXEC_INFO`.
  func request(isInteractive: Bool) -> JSONValue {
    var spec: JSONValue = ["interactive": .bool(isInteractive)]
    spec["cluster"] = self.cluster
    return ["apiVersion": .string(self.apiVersion), "kind": "ExecCredential", "spec": spec]
  }

  /// Reads what the plugin printed.
  ///
  /// - Throws: ``ConfigurationError`` saying what is wrong with it, without any of it.
  func credential(from output: [UInt8]) throws(ConfigurationError) -> Credential {
    let answer: Answer
    do {
      answer = try JSONDecoder().decode(Answer.self, from: Data(output))
    } catch {
      throw self.error("printed no ExecCredential")
    }
    guard answer.kind == "ExecCredential", answer.apiVersion == self.apiVersion else {
      throw self.error("printed no ExecCredential of \(self.apiVersion)")
    }
    guard let status = answer.status else { throw self.error("printed an ExecCredential without status") }
    let credential = Credential(
      token: status.token.flatMap { $0.isEmpty ? nil : $0 },
      clientCertificate: status.clientCertificateData.map { Array($0.utf8) },
      clientKey: status.clientKeyData.map { Array($0.utf8) }, expiry: status.expirationTimestamp)
    guard (credential.clientCertificate == nil) == (credential.clientKey == nil) else {
      throw self.error("printed only one of clientCertificateData and clientKeyData")
    }
    guard credential.token != nil || credential.clientCertificate != nil else {
      throw self.error("printed neither a token nor a client certificate")
    }
    // It becomes a header's value.
    guard credential.token?.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) ?? true else {
      throw self.error("printed a token with characters that no token has")
    }
    return credential
  }

  func error(_ what: String) -> ConfigurationError {
    var message = "\(self.origin): '\(self.command)' \(what)"
    if let hint = self.installHint, !hint.isEmpty { message += "\n\(hint.prefix(2_048))" }
    return ConfigurationError(message)
  }

  private struct Answer: Decodable {
    var apiVersion: String?
    var kind: String?
    var status: Status?

    struct Status: Decodable {
      var token: String?
      var clientCertificateData: String?
      var clientKeyData: String?
      var expirationTimestamp: Timestamp?
    }
  }
}
