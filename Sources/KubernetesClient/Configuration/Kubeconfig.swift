import FoundationEssentials
import HTTPTransport
import KubernetesModel

/// Kubeconfig files, merged as kubectl merges them: of two entries of a name, the one of the first file counts, whole.
package struct Kubeconfig: Sendable {
  private let files: [(path: String, file: KubeconfigFile)]

  /// Reads the files at these paths.
  ///
  /// - Parameter skipsMissing: whether files that are not there count as empty, as those of `KUBECONFIG` do.
  /// - Throws: ``ConfigurationError`` naming the file, and the field where one is wrong.
  package init(paths: [String], skipsMissing: Bool = false) throws(ConfigurationError) {
    var files: [(path: String, file: KubeconfigFile)] = []
    for path in paths where !(skipsMissing && !FileManager.default.fileExists(atPath: path)) {
      files.append((path, try KubeconfigFile(path: path)))
    }
    self.files = files
  }

  /// The paths that `KUBECONFIG` names, or `~/.kube/config` if that is there.
  ///
  /// Some of those in `KUBECONFIG` may not exist.
  package static func defaultPaths(environment: [String: String]) -> [String] {
    if let list = environment["KUBECONFIG"], !list.isEmpty {
      var paths: [String] = []
      for path in list.split(separator: ":").map(String.init) where !paths.contains(path) { paths.append(path) }
      return paths
    }
    let path = (environment["HOME"] ?? "") + "/.kube/config"
    return FileManager.default.fileExists(atPath: path) ? [path] : []
  }

  /// The configuration of a context; of the current one when nil.
  ///
  /// - Throws: ``ConfigurationError`` naming the file and the field.
  package func configuration(context name: String? = nil) throws(ConfigurationError) -> ClientConfiguration {
    let paths = self.files.map(\.path).joined(separator: ", ")
    guard let name = name ?? self.files.compactMap(\.file.currentContext).first(where: { !$0.isEmpty }) else {
      throw ConfigurationError("\(paths): current-context is not set")
    }
    guard let (path, context) = self.find(name, \.contexts) else {
      throw ConfigurationError("\(paths): no context is named '\(name)'")
    }
    guard let clusterName = context.cluster, let (clusterPath, cluster) = self.find(clusterName, \.clusters) else {
      throw ConfigurationError("\(path): contexts.\(name).cluster: no cluster is named '\(context.cluster ?? "")'")
    }
    let clusterEntry = Entry(path: clusterPath, field: "clusters.\(clusterName)")
    var configuration = try Self.configuration(of: cluster, clusterEntry)
    configuration.namespace = context.namespace.flatMap { $0.isEmpty ? nil : $0 } ?? "default"
    guard let userName = context.user, !userName.isEmpty else { return configuration }
    guard let (userPath, user) = self.find(userName, \.users) else {
      throw ConfigurationError("\(path): contexts.\(name).user: no user is named '\(userName)'")
    }
    let entry = Entry(path: userPath, field: "users.\(userName)")
    try Self.authenticate(&configuration, user, entry)
    if configuration.credentials == .none, let exec = user.exec {
      let facts = exec.provideClusterInfo == true ? Self.clusterFacts(cluster, configuration) : nil
      configuration.credentials = .plugin(try CredentialPlugin(exec, entry, cluster: facts))
    }
    return configuration
  }

  /// Where an entry stands, for messages and relative paths.
  struct Entry: Sendable {
    var path: String
    var field: String

    func error(_ field: String, _ message: String) -> ConfigurationError {
      ConfigurationError("\(self.path): \(self.field).\(field): \(message)")
    }

    /// Relative paths are relative to the file that they stand in.
    func resolve(_ file: String) -> String {
      guard !file.hasPrefix("/"), let slash = self.path.lastIndex(of: "/") else { return file }
      return self.path[...slash] + file
    }

    /// Bytes that stand in the entry, or in the file that it names; data comes before a file.
    func bytes(data: String?, file: String?, _ field: String) throws(ConfigurationError) -> (
      bytes: [UInt8]?, file: String?
    ) {
      if let data, !data.isEmpty {
        guard let bytes = Data(base64Encoded: data, options: .ignoreUnknownCharacters), !bytes.isEmpty else {
          throw self.error(field + "-data", "not base64")
        }
        return ([UInt8](bytes), nil)
      }
      guard let file, !file.isEmpty else { return (nil, nil) }
      let path = self.resolve(file)
      do {
        return (try ConfigurationFile.read(path), path)
      } catch {
        throw self.error(field, error.message)
      }
    }
  }

  private static func configuration(
    of cluster: KubeconfigFile.Cluster, _ entry: Entry
  ) throws(ConfigurationError) -> ClientConfiguration {
    guard let server = cluster.server, !server.isEmpty else { throw entry.error("server", "not set") }
    var configuration = try ClientConfiguration(server: server, origin: "\(entry.path): \(entry.field).server")
    let authority = try entry.bytes(
      data: cluster.certificateAuthorityData, file: cluster.certificateAuthority, "certificate-authority")
    configuration.security.certificateAuthority = authority.bytes
    configuration.securityFiles.certificateAuthority = authority.file
    configuration.security.skipsVerification = cluster.skipsVerification ?? false
    guard !configuration.security.skipsVerification || authority.bytes == nil else {
      throw entry.error("insecure-skip-tls-verify", "excludes certificate-authority")
    }
    configuration.security.serverName = cluster.serverName.flatMap { $0.isEmpty ? nil : $0 }
    if let proxy = cluster.proxy, !proxy.isEmpty {
      guard ["http://", "https://", "socks5://"].contains(where: { proxy.hasPrefix($0) && proxy.count > $0.count })
      else {
        throw entry.error("proxy-url", "not a URL that begins with http://, https:// or socks5://")
      }
      configuration.security.proxy = proxy
    }
    return configuration
  }

  private static func authenticate(
    _ configuration: inout ClientConfiguration, _ user: KubeconfigFile.User, _ entry: Entry
  ) throws(ConfigurationError) {
    if let field = user.unsupportedField { throw entry.error(field, "not supported") }
    let certificate = try entry.bytes(
      data: user.clientCertificateData, file: user.clientCertificate, "client-certificate")
    let key = try entry.bytes(data: user.clientKeyData, file: user.clientKey, "client-key")
    if certificate.bytes != nil, key.bytes == nil {
      throw entry.error("client-key", "not set, but client-certificate is")
    }
    if key.bytes != nil, certificate.bytes == nil {
      throw entry.error("client-certificate", "not set, but client-key is")
    }
    configuration.security.clientCertificate = certificate.bytes
    configuration.security.clientKey = key.bytes
    configuration.securityFiles.clientCertificate = certificate.file
    configuration.securityFiles.clientKey = key.file
    if let file = user.tokenFile, !file.isEmpty {
      configuration.credentials = .tokenFile(entry.resolve(file))
    } else if let token = user.token, !token.isEmpty {
      configuration.credentials = .token(token)
    }
  }

  /// What a plugin is told of the cluster.
  private static func clusterFacts(
    _ cluster: KubeconfigFile.Cluster, _ configuration: ClientConfiguration
  ) -> JSONValue {
    var facts: JSONValue = ["server": .string(cluster.server ?? "")]
    facts["tls-server-name"] = configuration.security.serverName.map(JSONValue.string)
    if configuration.security.skipsVerification { facts["insecure-skip-tls-verify"] = true }
    facts["certificate-authority-data"] = configuration.security.certificateAuthority.map {
      .string(Data($0).base64EncodedString())
    }
    facts["proxy-url"] = configuration.security.proxy.map(JSONValue.string)
    facts["config"] =
      cluster.extensions?.first { $0.name == KubeconfigFile.Cluster.Extension.pluginName }?.extension
    return facts
  }

  private func find<Value: Decodable & Sendable>(
    _ name: String, _ list: KeyPath<KubeconfigFile, [KubeconfigFile.Named<Value>]?>
  ) -> (path: String, value: Value)? {
    for (path, file) in self.files {
      if let value = file[keyPath: list]?.first(where: { $0.name == name })?.value { return (path, value) }
    }
    return nil
  }
}
