import FoundationEssentials

/// Writes the kubeconfig by which kubectl and the sidecars find the API server.
package struct KubeconfigWriter: Sendable {
  /// The server's URL.
  var server: String
  /// What to trust instead of the system's roots, in PEM.
  var authority: [UInt8]?
  /// What the server knows its user by: visible ASCII characters.
  var token: String?

  package init(server: String, authority: [UInt8]? = nil, token: String? = nil) {
    self.server = server
    self.authority = authority
    self.token = token
  }

  /// The file as YAML.
  var text: String {
    var cluster = "server: \(self.server)"
    if let authority = self.authority {
      cluster += "\n    certificate-authority-data: \(Data(authority).base64EncodedString())"
    }
    let user = self.token.map { "\n    token: \(Self.quoted($0))" } ?? " {}"
    return """
      apiVersion: v1
      kind: Config
      current-context: umpire-local
      clusters:
      - name: umpire-local
        cluster:
          \(cluster)
      users:
      - name: umpire-local
        user:\(user)
      contexts:
      - name: umpire-local
        context:
          cluster: umpire-local
          user: umpire-local
          namespace: default

      """
  }

  /// Writes it where only the owner can read it, whole or not at all.
  package func write(to path: String) throws(LocalError) {
    try LocalFile.write(Array(self.text.utf8), to: path)
  }

  private static func quoted(_ text: String) -> String {
    "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
  }
}
