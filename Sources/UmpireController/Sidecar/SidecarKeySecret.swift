package import Cryptography
import FoundationEssentials
package import KubernetesClient
import KubernetesModel
package import Logging
import Synchronization

/// Where the key comes from by which sidecars know the controller.
package protocol SidecarKeySource: Sendable {
  /// The key; the same at every call, for Pods keep the public half as long as they live.
  func key() async throws -> Ed25519.SigningKey
}

/// The Secret in which all replicas find the key; made by whoever comes first.
package final class SidecarKeySecret: SidecarKeySource {
  /// The Secret's name.
  package static let name = "umpire-sidecar-key"
  /// The field that holds the 32 bytes which RFC 8032 calls the private key.
  static let field = "seed"

  private let client: APIClient
  private let secret: ObjectKey
  private let logger: Logger
  private let known = Mutex<Ed25519.SigningKey?>(nil)

  /// - Parameter client: its writes must not depend on an election, for a key is good whoever makes it.
  package init(client: APIClient, namespace: String, logger: Logger) {
    self.client = client
    self.secret = ObjectKey(namespace: namespace, name: Self.name)
    self.logger = logger
  }

  /// The key, read once.
  ///
  /// - Throws: `APIError`, ``CryptographyError``.
  package func key() async throws -> Ed25519.SigningKey {
    if let known = self.known.withLock({ $0 }) { return known }
    let key = try await self.read()
    self.known.withLock { $0 = key }
    return key
  }

  private func read() async throws -> Ed25519.SigningKey {
    while true {
      do {
        return try await self.present()
      } catch let error as APIError where error.isNotFound {
        do {
          return try await self.make()
        } catch let error as APIError where error.isAlreadyExists {
          // Another replica was faster: its key is ours.
          try Task.checkCancellation()
        }
      }
    }
  }

  /// The key that is there; a new one in the place of what is none.
  private func present() async throws -> Ed25519.SigningKey {
    let made = try Self.makeSeed()
    let secret = try await self.client.update(Secret.self, self.secret) { secret in
      if Self.key(in: secret) != nil { return nil }
      self.logger.warning("Sidecar key replaced: the Secret held none", metadata: ["secret": "\(self.secret)"])
      var replaced = secret
      replaced.data = (secret.data ?? [:]).merging([Self.field: made]) { $1 }
      return replaced
    }
    guard let key = Self.key(in: secret) else {
      throw CryptographyError(.malformed, "Secret \(self.secret) holds no key in '\(Self.field)'")
    }
    return key
  }

  private func make() async throws -> Ed25519.SigningKey {
    let seed = try Self.makeSeed()
    let metadata = ObjectMeta(name: self.secret.name, namespace: self.secret.namespace)
    let secret = try await self.client.create(
      Secret(metadata: metadata, data: [Self.field: seed], type: "umpire.dev/sidecar-key"))
    self.logger.info("Sidecar key made", metadata: ["secret": "\(self.secret)"])
    guard let key = Self.key(in: secret) else {
      throw CryptographyError(.malformed, "Secret \(self.secret) holds no key in '\(Self.field)'")
    }
    return key
  }

  private static func makeSeed() throws -> String {
    Data(try RandomBytes.make(Ed25519.keyByteCount)).base64EncodedString()
  }

  private static func key(in secret: Secret) -> Ed25519.SigningKey? {
    guard let seed = secret.data?[Self.field].flatMap({ Data(base64Encoded: $0) }) else { return nil }
    // What cannot be read is no key.
    return try? Ed25519.SigningKey(seed: Array(seed))
  }
}
