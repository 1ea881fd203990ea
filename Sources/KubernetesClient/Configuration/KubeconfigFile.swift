import FoundationEssentials
import KubernetesModel
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
    var extensions: [Extension]?

    enum CodingKeys: String, CodingKey {
      case server
      case certificateAuthority = "certificate-authority"
      case certificateAuthorityData = "certificate-authority-data"
      case skipsVerification = "insecure-skip-tls-verify"
      case serverName = "tls-server-name"
      case proxy = "proxy-url"
      case extensions
    }

    /// Settings of others; the one of this name is meant for the credential plugin.
    struct Extension: Decodable, Sendable {
      static let pluginName = "client.authentication.k8s.io/exec"
      var name: String
      var `extension`: JSONValue?
    }
  }

  struct User: Decodable, Sendable {
    var token: String?
    var tokenFile: String?
    var clientCertificate: String?
    var clientCertificateData: String?
    var clientKey: String?
    var clientKeyData: String?
    var exec: Exec?
    var username: String?
    var authProvider: JSONValue?
    var impersonated: String?

    enum CodingKeys: String, CodingKey {
      case token, tokenFile, exec, username
      case clientCertificate = "client-certificate"
      case clientCertificateData = "client-certificate-data"
      case clientKey = "client-key"
      case clientKeyData = "client-key-data"
      case authProvider = "auth-provider"
      case impersonated = "as"
    }

    /// The field that asks for a way of authentication that is not spoken here.
    ///
    /// To leave it out silently would act as somebody else than the file says.
    var unsupportedField: String? {
      if self.authProvider != nil { return "auth-provider" }
      if self.username?.isEmpty == false { return "username" }
      return self.impersonated?.isEmpty == false ? "as" : nil
    }
  }

  /// A program that gives credentials (`client.authentication.k8s.io`).
  struct Exec: Decodable, Sendable {
    var apiVersion: String?
    var command: String?
    var args: [String]?
    var env: [Variable]?
    var installHint: String?
    var provideClusterInfo: Bool?
    var interactiveMode: String?

    struct Variable: Decodable, Sendable {
      var name: String
      var value: String
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

extension KubeconfigFile {
  /// Reads one file; an empty one is a configuration without entries.
  ///
  /// - Throws: ``ConfigurationError`` naming the file, and the field where one is wrong.
  init(path: String) throws(ConfigurationError) {
    let text = String(decoding: try ConfigurationFile.read(path), as: UTF8.self)
    let isEmpty = text.split(whereSeparator: \.isNewline).allSatisfy { line in
      line.allSatisfy(\.isWhitespace) || line.first { !$0.isWhitespace } == "#"
    }
    if isEmpty { return }
    do {
      self = try YAMLDecoder().decode(KubeconfigFile.self, from: text)
    } catch let DecodingError.typeMismatch(_, context), let DecodingError.dataCorrupted(context),
      let DecodingError.keyNotFound(_, context), let DecodingError.valueNotFound(_, context)
    {
      let field = context.codingPath.map { $0.intValue.map { "[\($0)]" } ?? $0.stringValue }.joined(separator: ".")
      throw ConfigurationError("\(path): \(field.isEmpty ? "not a kubeconfig" : field): \(context.debugDescription)")
    } catch {
      throw ConfigurationError("\(path): not YAML: \(error)")
    }
    for (list, names) in [
      ("clusters", self.clusters?.map(\.name)), ("users", self.users?.map(\.name)),
      ("contexts", self.contexts?.map(\.name)),
    ] {
      var seen: Set<String> = []
      for name in names ?? [] where !seen.insert(name).inserted {
        throw ConfigurationError("\(path): \(list): two entries are named '\(name)'")
      }
    }
  }
}
