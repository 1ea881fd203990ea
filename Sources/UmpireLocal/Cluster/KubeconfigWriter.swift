import FoundationEssentials

/// Writes the kubeconfig by which kubectl and the sidecars find the API server.
enum KubeconfigWriter {
  static func text(server: String) -> String {
    """
    apiVersion: v1
    kind: Config
    current-context: umpire-local
    clusters:
    - name: umpire-local
      cluster:
        server: \(server)
    users:
    - name: umpire-local
      user: {}
    contexts:
    - name: umpire-local
      context:
        cluster: umpire-local
        user: umpire-local
        namespace: default

    """
  }

  /// Writes it where only the owner can read it, whole or not at all.
  static func write(server: String, to path: String) throws(LocalError) {
    do {
      try Data(Self.text(server: server).utf8).write(to: URL(filePath: path), options: .atomic)
      try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
    } catch {
      throw LocalError(.cannotCreate, "\(path): the kubeconfig cannot be written: \(error)")
    }
  }
}
