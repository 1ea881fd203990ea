import FoundationEssentials
import HTTPTransport
import Yams

/// The parts of a kubeconfig file that say how to reach a server.
struct KubeconfigFile: Decodable, Sendable {
  var currentContext: String?
  var clusters: [Named<Cluster>]?
  var users: [Named<User>]?
  var contexts: [Named<Context>]?

  private enum CodingKeys: String, CodingKey {
    case currentContext = "current-context"
    case clusters, users, contexts
  }

  struct Cluster: Decodable, Sendable {
    var server: String?
    var certificateAuthority: String?
    var certificateAuthorityData: String?
    var skipsVerification: Bool?
    var serverName: String?
    var proxy: String?

    enum CodingKeys: String, CodingKey {
      case server
      case certificateAuthority = "certificate-authority"
      case certificateAuthorityData = "certificate-authority-data"
      case skipsVerification = "insecure-skip-tls-verify"
      case serverName = "tls-server-name"
      case proxy = "proxy-url"
    }
  }

  struct User: Decodable, Sendable {
    var token: String?
    var tokenFile: String?
    var clientCertificate: String?
    var clientCertificateData: String?
    var clientKey: String?
    var clientKeyData: String?

    enum CodingKeys: String, CodingKey {
      case token, tokenFile
      case clientCertificate = "client-certificate"
      case clientCertificateData = "client-certificate-data"
      case clientKey = "client-key"
      case clientKeyData = "client-key-data"
    }
  }

  struct Context: Decodable, Sendable {
    var cluster: String?
    var user: String?
    var namespace: String?
  }

  /// An entry of one of the three lists: `name`, and the value under a key of the list's own.
  struct Named<Value: Decodable & Sendable>: Decodable, Sendable {
    var name: String
    var value: Value?

    private struct Key: CodingKey {
      var stringValue: String
      var intValue: Int? { nil }
      init(stringValue: String) { self.stringValue = stringValue }
      init?(intValue: Int) { nil }
    }

    init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: Key.self)
      self.name = try container.decode(String.self, forKey: Key(stringValue: "name"))
      let key = container.allKeys.first { ["cluster", "user", "context"].contains($0.stringValue) }
      self.value = try key.flatMap { try container.decodeIfPresent(Value.self, forKey: $0) }
    }
  }
}

/// Kubeconfig files, merged as kubectl merges them: of two entries of a name, the one of the first file counts.
package struct Kubeconfig: Sendable {
  private let files: [(path: String, file: KubeconfigFile)]

  /// Reads the files at these paths.
  ///
  /// - Throws: ``ConfigurationError`` naming the file, and the field where one is wrong.
  package init(paths: [String]) throws(ConfigurationError) {
    var files: [(path: String, file: KubeconfigFile)] = []
    for path in paths {
      let text = String(decoding: try ConfigurationFile.read(path), as: UTF8.self)
      do {
        files.append((path, try YAMLDecoder().decode(KubeconfigFile.self, from: text)))
      } catch let DecodingError.typeMismatch(_, context), let DecodingError.dataCorrupted(context),
        let DecodingError.keyNotFound(_, context), let DecodingError.valueNotFound(_, context)
      {
        let field = context.codingPath.map { $0.intValue.map { "[\($0)]" } ?? $0.stringValue }.joined(separator: ".")
        throw ConfigurationError("\(path): \(field.isEmpty ? "not a kubeconfig" : field): \(context.debugDescription)")
      } catch {
        throw ConfigurationError("\(path): not YAML: \(error)")
      }
    }
    self.files = files
  }

  /// The paths that `KUBECONFIG` names, or `~/.kube/config` if that is there.
  package static func defaultPaths(environment: [String: String]) -> [String] {
    if let list = environment["KUBECONFIG"], !list.isEmpty {
      return list.split(separator: ":").map(String.init)
    }
    let path = (environment["HOME"] ?? "") + "/.kube/config"
    return FileManager.default.fileExists(atPath: path) ? [path] : []
  }

  /// The configuration of a context; of the current one when nil.
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
    let field = "\(clusterPath): clusters.\(clusterName)"
    guard let server = cluster.server else { throw ConfigurationError("\(field).server is not set") }
    var configuration = try ClientConfiguration(server: server, origin: "\(field).server")
    configuration.namespace = context.namespace ?? "default"
    configuration.security.skipsVerification = cluster.skipsVerification ?? false
    configuration.security.serverName = cluster.serverName
    configuration.security.proxy = cluster.proxy
    configuration.security.certificateAuthority = try Self.bytes(
      data: cluster.certificateAuthorityData, file: cluster.certificateAuthority, beside: clusterPath,
      field: "\(field).certificate-authority")
    guard let userName = context.user, !userName.isEmpty else { return configuration }
    guard let (userPath, user) = self.find(userName, \.users) else {
      throw ConfigurationError("\(path): contexts.\(name).user: no user is named '\(userName)'")
    }
    let userField = "\(userPath): users.\(userName)"
    configuration.security.clientCertificate = try Self.bytes(
      data: user.clientCertificateData, file: user.clientCertificate, beside: userPath,
      field: "\(userField).client-certificate")
    configuration.security.clientKey = try Self.bytes(
      data: user.clientKeyData, file: user.clientKey, beside: userPath, field: "\(userField).client-key")
    if let file = user.tokenFile {
      configuration.credentials = .tokenFile(Self.resolve(file, beside: userPath))
    } else if let token = user.token {
      configuration.credentials = .token(token)
    }
    return configuration
  }

  private func find<Value: Decodable & Sendable>(
    _ name: String, _ list: KeyPath<KubeconfigFile, [KubeconfigFile.Named<Value>]?>
  ) -> (path: String, value: Value)? {
    for (path, file) in self.files {
      if let value = file[keyPath: list]?.first(where: { $0.name == name })?.value { return (path, value) }
    }
    return nil
  }

  private static func bytes(
    data: String?, file: String?, beside path: String, field: String
  ) throws(ConfigurationError) -> [UInt8]? {
    if let data, !data.isEmpty {
      guard let bytes = Data(base64Encoded: data) else { throw ConfigurationError("\(field)-data is not base64") }
      return [UInt8](bytes)
    }
    guard let file, !file.isEmpty else { return nil }
    return try ConfigurationFile.read(Self.resolve(file, beside: path))
  }

  /// Relative paths are relative to the file that they stand in.
  private static func resolve(_ file: String, beside path: String) -> String {
    guard !file.hasPrefix("/"), let slash = path.lastIndex(of: "/") else { return file }
    return path[...slash] + file
  }
}
