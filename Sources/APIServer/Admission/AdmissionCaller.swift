import HTTPTransport
import HTTPTypes
import KubernetesModel

/// Asks webhooks, one exchange at a time.
struct AdmissionCaller: Sendable {
  /// The largest answer, in bytes.
  static let maximumAnswerBytes = 3 << 20

  /// What carries the questions; nil if the server has no way out.
  let transport: (any ClientTransport)?
  let addresses: AdmissionAddresses

  /// Asks a webhook about a write.
  ///
  /// - Throws: ``AdmissionCallError`` if there is no answer; `CancellationError`; what the store fails with.
  func ask(
    _ webhook: AdmissionWebhook, about subject: AdmissionSubject, in version: ResourceDefinition.Version,
    isMutating: Bool
  ) async throws -> AdmissionAnswer {
    let uid = UniqueIdentifier.random()
    let response = try await self.exchange(webhook, subject.review(uid: uid, version: version).serialized())
    try Self.check(response)
    return try AdmissionAnswer(response.body, uid: uid, isMutating: isMutating)
  }

  private func exchange(_ webhook: AdmissionWebhook, _ body: [UInt8]) async throws -> CollectedResponse {
    let reason: String
    do {
      guard let transport = self.transport else { throw AdmissionCallError("this server has no way to webhooks") }
      let request = try await self.request(webhook, body)
      do {
        return try await transport.collect(request)
      } catch let error as TransportError where error.isOfClosedConnection {
        return try await transport.collect(request)
      }
    } catch let error as AdmissionCallError {
      reason = error.reason
    } catch let error as TransportError {
      // Of a call that was broken off, nothing is known.
      try Task.checkCancellation()
      reason = error.code == .timeout ? "context deadline exceeded" : error.message
    }
    throw AdmissionCallError("failed to call webhook: Post \"\(Self.url(webhook))\": \(reason)")
  }

  private func request(_ webhook: AdmissionWebhook, _ body: [UInt8]) async throws -> TransportRequest {
    var security = TransportSecurity(certificateAuthority: webhook.client.authorities)
    let authority: String
    switch webhook.client.destination {
    case .url(let url): authority = url.authority
    case .service(let service):
      authority = try await self.addresses.address(of: service).description
      // Wherever the connection goes, the certificate is the Service's.
      security.serverName = service.hostName
    }
    let head = HTTPRequest(
      method: .post, scheme: "https", authority: authority, path: Self.path(webhook),
      headerFields: [
        .contentType: "application/json", .accept: "application/json", .userAgent: "umpire-api-server",
      ])
    var request = TransportRequest(head: head, body: body, security: security)
    request.limits.total = .seconds(webhook.timeoutSeconds)
    request.limits.connect = .seconds(webhook.timeoutSeconds)
    request.limits.responseBytes = Self.maximumAnswerBytes
    request.refusedRanges = NetworkRange.metadataServices
    return request
  }

  /// The path of a question; the webhook is told how long it may take.
  private static func path(_ webhook: AdmissionWebhook) -> String {
    let path =
      switch webhook.client.destination {
      case .url(let url): url.path
      case .service(let service): service.path
      }
    return "\(path)?timeout=\(webhook.timeoutSeconds)s"
  }

  /// Where a question goes, as messages tell it.
  private static func url(_ webhook: AdmissionWebhook) -> String {
    let authority =
      switch webhook.client.destination {
      case .url(let url): url.authority
      case .service(let service): "\(service.hostName):\(service.port)"
      }
    return "https://\(authority)\(Self.path(webhook))"
  }

  private static func check(_ response: CollectedResponse) throws(AdmissionCallError) {
    let reason: String
    switch response.head.status.code {
    case 200...206: return
    case 404: reason = "the server could not find the requested resource"
    case 500...599:
      let text = String(decoding: response.body.prefix(1024), as: UTF8.self).excerpt
      reason = "an error on the server (\"\(text)\") has prevented the request from succeeding"
    case let code: reason = "the server rejected our request for an unknown reason (status \(code))"
    }
    throw AdmissionCallError("failed to call webhook: \(reason)")
  }
}

extension TransportError {
  /// Whether the connection may have been a kept one that its server has closed, as one does that is started anew.
  ///
  /// Nothing came back, and a question may be asked twice. kube-apiserver's client sends it once more too.
  fileprivate var isOfClosedConnection: Bool {
    self.code == .connectionBroken && (self.progress == .nothingSent || self.progress == .noAnswer)
  }
}
