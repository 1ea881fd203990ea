import Cryptography
import FoundationEssentials
package import KubernetesClient
import KubernetesModel
import Synchronization
package import UmpireModel
package import WebhookClient

/// Reads signing secrets and client certificates from the Secrets that webhooks name.
///
/// What was read is used for half a minute, and read again earlier when an endpoint refuses us with it, so that a
/// changed Secret is taken up without a restart.
package final class WebhookCredentialReader: WebhookCredentialSource {
  private typealias Content = Result<[String: String], WebhookFailure>

  private struct State {
    var cache = SecretCache<ObjectKey, Content>()
    var waiting: [ObjectKey: [CheckedContinuation<Content, Never>]] = [:]
  }

  private let client: APIClient
  private let state = Mutex(State())

  /// Creates a reader.
  package init(client: APIClient) {
    self.client = client
  }

  /// Reads what the webhook names; nothing is read for one that names nothing.
  package func credentials(
    of webhook: Webhook, namespace: String
  ) async throws(WebhookFailure) -> WebhookCredentials {
    var credentials = WebhookCredentials()
    if let reference = webhook.signingSecretRef {
      let bytes = try await self.value(of: reference.key, in: reference.name, namespace)
      do throws(CryptographyError) {
        credentials.signingSecrets = try WebhookSecret.parse(bytes)
      } catch {
        throw Self.failure(reference.name, "key \(reference.key): \(error.message)")
      }
    }
    if let reference = webhook.clientCertificateRef {
      credentials.clientCertificate = try await self.value(of: "tls.crt", in: reference.name, namespace)
      credentials.clientKey = try await self.value(of: "tls.key", in: reference.name, namespace)
    }
    return credentials
  }

  /// Reads again at the next question if the failure may come from credentials that are out of date.
  package func doubt(_ webhook: Webhook, namespace: String, after failure: WebhookFailure) {
    guard failure.mayComeFromCredentials else { return }
    let names = [webhook.signingSecretRef?.name, webhook.clientCertificateRef?.name].compactMap(\.self)
    self.state.withLock { state in
      for name in names { state.cache.doubt(ObjectKey(namespace: namespace, name: name)) }
    }
  }

  private func value(of key: String, in name: String, _ namespace: String) async throws(WebhookFailure) -> [UInt8] {
    let data = try await self.content(of: ObjectKey(namespace: namespace, name: name)).get()
    guard let text = data[key] else { throw Self.failure(name, "it has no key \(key)") }
    guard let bytes = Data(base64Encoded: text) else { throw Self.failure(name, "key \(key) is not base64") }
    return Array(bytes)
  }

  private func content(of key: ObjectKey) async -> Content {
    let step = self.state.withLock { $0.cache.ask(key, now: .now) }
    switch step {
    case .use(let content): return content
    case .read: return await self.read(key)
    case .wait: return await self.waitForReading(of: key)
    }
  }

  private func waitForReading(of key: ObjectKey) async -> Content {
    await withCheckedContinuation { continuation in
      let content: Content? = self.state.withLock { state in
        // It may have been read between the question and now.
        switch state.cache.ask(key, now: .now) {
        case .use(let content): return content
        case .wait:
          state.waiting[key, default: []].append(continuation)
          return nil
        case .read:
          state.cache.read(key, nil, now: .now)
          return .failure(WebhookFailure(.cancelled, "the Secret was not read to the end"))
        }
      }
      if let content { continuation.resume(returning: content) }
    }
  }

  private func read(_ key: ObjectKey) async -> Content {
    let content: Content
    do {
      let secret = try await self.client.get(Secret.self, key)
      content = .success(secret.data ?? [:])
    } catch is CancellationError {
      content = .failure(WebhookFailure(.cancelled, "the question was withdrawn"))
    } catch let error as APIError {
      content = .failure(Self.failure(key.name, error.message))
    } catch {
      content = .failure(Self.failure(key.name, "the API server cannot be asked"))
    }
    let isCancelled = if case .failure(let failure) = content { failure.reason == .cancelled } else { false }
    let waiting = self.state.withLock { state in
      state.cache.read(key, isCancelled ? nil : content, now: .now)
      // A Secret that could not be read is tried again soon.
      if case .failure = content { state.cache.doubt(key) }
      return state.waiting.removeValue(forKey: key) ?? []
    }
    for continuation in waiting { continuation.resume(returning: content) }
    return content
  }

  private static func failure(_ name: String, _ why: String) -> WebhookFailure {
    WebhookFailure(.refused, "Secret \(name) cannot be read: \(why)")
  }
}

extension WebhookFailure {
  /// Whether an endpoint that does not accept our credentials fails like this.
  fileprivate var mayComeFromCredentials: Bool {
    switch self.reason {
    case .tls, .connect: true
    case .httpStatus: self.message.hasPrefix("status 401") || self.message.hasPrefix("status 403")
    default: false
    }
  }
}
