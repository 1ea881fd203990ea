import CurlTransport
import FoundationEssentials
import HTTPTransport
import HTTPTypes
import KubernetesClient
import KubernetesModel
import Logging
import ServerSupport
import Synchronization
import TestSupport

@testable import UmpireAdmission

/// A time that a test sets.
final class ManualTime: Sendable {
  private let time: Mutex<Date>
  init(_ time: Date) { self.time = Mutex(time) }
  var now: Date { self.time.withLock { $0 } }
  func set(_ time: Date) { self.time.withLock { $0 = time } }
}

/// One process with certificates of its own, which it shows on a socket.
struct Replica: Sendable {
  let certificates: any CertificateSource
  let port: Int

  /// Runs `body` while a server shows what `source` makes.
  static func run(
    _ source: (ServerIdentity) -> any CertificateSource, _ body: (Replica) async throws -> Void
  ) async throws {
    let identity = ServerIdentity()
    let router = HTTPService.router()
    router.addHealthRoutes()
    let (ports, listening) = AsyncStream.makeStream(of: Int.self)
    let service = HTTPService(router, host: "127.0.0.1", port: 0, identity: identity, logger: .silent) {
      listening.yield($1)
    }
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        defer { listening.finish() }
        try await service.run()
      }
      guard let port = await ports.first(where: { _ in true }) else { return try await group.waitForAll() }
      let result: Result<Void, any Error>
      do {
        result = .success(try await body(Replica(certificates: source(identity), port: port)))
      } catch {
        result = .failure(error)
      }
      group.cancelAll()
      // The server ends by cancellation, which is no failure of the test.
      do { try await group.waitForAll() } catch is CancellationError {}
      try result.get()
    }
  }

  /// Whether somebody who trusts `bundle` accepts what is shown now.
  func isAccepted(trusting bundle: [UInt8]) async throws -> Bool {
    let curl = CurlHTTPTransport()
    defer { curl.shutdown() }
    let head = HTTPRequest(method: .get, scheme: "https", authority: "127.0.0.1:\(self.port)", path: "/livez")
    do {
      let security = TransportSecurity(certificateAuthority: bundle)
      return try await curl.collect(TransportRequest(head: head, body: [], security: security)).head.status == .ok
    } catch let error as TransportError where [.security, .connectionBroken].contains(error.code) {
      return false
    }
  }
}

/// The webhook configurations and the Secret of a cluster, as far as certificates are concerned.
struct Registrations: Sendable {
  static let key = ObjectKey(namespace: nil, name: "umpire-controller")
  static let secret = ObjectKey(namespace: "kube-system", name: "umpire-admission-authority")
  let client: APIClient

  /// Has the API server ask at `url`.
  func create(
    url: String = "https://127.0.0.1:9443", failurePolicy: String = "Fail", annotations: [String: String] = [:]
  ) async throws {
    func webhook(_ path: String) -> JSONValue {
      [
        "name": "rules.umpire.dev", "sideEffects": "None", "admissionReviewVersions": ["v1"],
        "failurePolicy": .string(failurePolicy), "clientConfig": ["url": .string(url + path)],
        "rules": [
          [
            "operations": ["CREATE", "UPDATE"], "apiGroups": ["umpire.dev"], "apiVersions": ["v1alpha1"],
            "resources": ["gametypes", "gameautoscalers"],
          ]
        ],
      ]
    }
    let metadata = ObjectMeta(name: Self.key.name, annotations: annotations)
    _ = try await self.client.create(
      MutatingWebhookConfiguration(metadata: metadata, webhooks: [webhook("/default")]))
    _ = try await self.client.create(
      ValidatingWebhookConfiguration(metadata: metadata, webhooks: [webhook("/validate")]))
  }

  /// What the API server trusts; nil if that was not written yet.
  func bundle() async throws -> [UInt8]? {
    let mutating = try await self.client.get(MutatingWebhookConfiguration.self, Self.key).webhooks?.first
    let validating = try await self.client.get(ValidatingWebhookConfiguration.self, Self.key).webhooks?.first
    let text = mutating?["clientConfig"]?["caBundle"]?.stringValue
    guard text == validating?["clientConfig"]?["caBundle"]?.stringValue else { return nil }
    return text.flatMap { Data(base64Encoded: $0) }.map { Array($0) }
  }

  /// How often both were written, their creation not counted.
  func writes() async throws -> Int64 {
    let mutating = try await self.client.get(MutatingWebhookConfiguration.self, Self.key).metadata.generation ?? 0
    let validating = try await self.client.get(ValidatingWebhookConfiguration.self, Self.key).metadata.generation ?? 0
    return mutating + validating - 2
  }

  func authority() async throws -> Secret { try await self.client.get(Secret.self, Self.secret) }
}

extension Logger {
  /// Writes nothing.
  static let silent = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
}
