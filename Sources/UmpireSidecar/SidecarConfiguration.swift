package import Cryptography
package import HTTPTransport
package import KubernetesClient
package import KubernetesModel
package import ServerSupport
import UmpireModel

/// Who the sidecar is and where it listens.
package struct SidecarConfiguration: Sendable {
  /// The Server, from `SERVER_NAME` and `POD_NAMESPACE`; nil when the flags are kept in memory only.
  package var server: ObjectKey?
  /// How to reach the API server; nil when the flags are kept in memory only.
  package var client: ClientConfiguration?
  /// The address to listen on: `UMPIRE_BIND_ADDRESS`, else every one.
  package var host: String
  /// The port to listen on: `UMPIRE_SIDECAR_PORT`, else 8080.
  package var port: Int
  /// The port of the SDK's gRPC: `UMPIRE_SDK_GRPC_PORT`, else 9020.
  package var grpcPort: Int
  /// The port of the SDK's HTTP and JSON: `UMPIRE_SDK_HTTP_PORT`, else 9021.
  package var httpPort: Int
  /// Addresses that no webhook may have, beside those that are refused anyway: `UMPIRE_REFUSED_RANGES`.
  package var refusedRanges: [NetworkRange] = []

  /// Whose tokens are taken: `UMPIRE_CONTROLLER_KEYS`; empty to let in nobody from outside the Pod.
  package var controllerKeys: [Ed25519.VerificationKey] = []

  /// The uid of the Server, for which tokens must be made: `UMPIRE_SERVER_UID`.
  package var serverUID: String?

  /// Where Services are looked up: `UMPIRE_SERVICE_ADDRESSES`, else the cluster's DNS.
  package var serviceAddresses: ServiceAddresses = .dns

  /// Who knows the address behind a Service.
  package enum ServiceAddresses: String, Sendable, CaseIterable {
    /// The cluster's DNS.
    case dns
    /// The API server: where there is no cluster's DNS, as on a laptop.
    case api
  }

  /// Reads the environment, and the kubeconfig that is named.
  ///
  /// - Parameters:
  ///   - kubeconfig: The file to use; nil for those of `KUBECONFIG`, else the Pod's service account.
  ///   - isStandalone: Whether the flags are kept in memory only; no identity is needed then.
  /// - Throws: `ConfigurationError` naming the variable or file.
  package init(
    environment: [String: String], kubeconfig: String?, isStandalone: Bool
  ) throws(ConfigurationError) {
    func value(_ name: String) -> String? {
      environment[name].flatMap { $0.isEmpty ? nil : $0 }
    }
    func required(_ name: String) throws(ConfigurationError) -> String {
      guard let value = value(name) else { throw ConfigurationError("\(name) is not set") }
      return value
    }
    self.host = value("UMPIRE_BIND_ADDRESS") ?? ListenHost.everyAddress
    func port(_ name: String, default port: Int) throws(ConfigurationError) -> Int {
      guard let text = value(name) else { return port }
      guard let port = Int(text), (0...65535).contains(port) else {
        throw ConfigurationError("\(name) must be a number from 0 to 65535")
      }
      return port
    }
    self.port = try port("UMPIRE_SIDECAR_PORT", default: 8080)
    self.grpcPort = try port("UMPIRE_SDK_GRPC_PORT", default: 9020)
    self.httpPort = try port("UMPIRE_SDK_HTTP_PORT", default: 9021)
    if let text = value("UMPIRE_SERVICE_ADDRESSES") {
      guard let addresses = ServiceAddresses(rawValue: text) else {
        throw ConfigurationError("UMPIRE_SERVICE_ADDRESSES must be dns or api")
      }
      self.serviceAddresses = addresses
    }
    if let text = value("UMPIRE_REFUSED_RANGES") {
      for word in text.split(separator: ",", omittingEmptySubsequences: false) {
        guard let range = NetworkRange(word) else {
          throw ConfigurationError("UMPIRE_REFUSED_RANGES must be ranges such as 10.96.0.0/12, separated by commas")
        }
        self.refusedRanges.append(range)
      }
    }
    if let text = value(SidecarTokens.keysVariable) {
      for word in text.split(separator: ",", omittingEmptySubsequences: false) {
        // What is no key is named below.
        guard let bytes = Base64URL.decode(word), let key = try? Ed25519.VerificationKey(bytes: bytes) else {
          throw ConfigurationError(
            "\(SidecarTokens.keysVariable) must be public keys, base64url of 32 bytes each, separated by commas")
        }
        self.controllerKeys.append(key)
      }
      self.serverUID = try required(SidecarTokens.audienceVariable)
    }
    guard !isStandalone else { return }
    self.server = ObjectKey(namespace: try required("POD_NAMESPACE"), name: try required("SERVER_NAME"))
    self.client = try ClientConfiguration.discover(kubeconfig: kubeconfig, environment: environment)
  }

  /// The addresses of the SDK, which only the Pod itself may reach: its loopback addresses, or the Pod's own of them
  /// where many Pods share one machine's.
  package var sdkHosts: [String] {
    self.host.hasPrefix("127.") || self.host == "::1" ? [self.host] : ListenHost.loopbackAddresses
  }

  /// Every server of the sidecar, by where it listens as seen from inside the Pod.
  package var servers: [ListenerWait.Addresses] {
    let hosts = self.host == ListenHost.everyAddress ? ListenHost.loopbackAddresses : [self.host]
    let sdk = self.sdkHosts.flatMap { host in
      [self.grpcPort, self.httpPort].map { [HostPort(host: host, port: $0)] }
    }
    return [hosts.map { HostPort(host: $0, port: self.port) }] + sdk
  }

  /// Who may ask from outside the Pod.
  package var access: SidecarAccess {
    guard let uid = self.serverUID else { return .podOnly }
    return SidecarAccess(keys: self.controllerKeys, server: uid)
  }
}
