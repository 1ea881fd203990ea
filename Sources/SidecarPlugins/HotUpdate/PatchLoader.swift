import HTTPTransport
import HTTPTypes
import KubernetesModel

/// Tells the game of a patch that lies in its place.
struct PatchLoader: Sendable {
  let loading: PatchLoading
  let processes: ProcessTable
  let transport: any ClientTransport

  /// Whether there is somebody to tell; a request finds that out itself.
  var isGameThere: Bool {
    switch self.loading {
    case .signal(let signal): self.processes.entries().contains { $0.isNamed(signal.processName) }
    case .request: true
    }
  }

  /// Sends the signal or the request.
  ///
  /// - Returns: the processes that were sent a signal.
  /// - Throws: ``UpdateFault``.
  func load(_ order: PatchOrder, _ patch: DownloadedPatch) async throws -> [Int32] {
    switch self.loading {
    case .signal(let signal):
      let processes = self.processes
      return try await UpdateFolder.perform { try processes.send(signal) }
    case .request(let request):
      try await self.ask(request, order, patch)
      return []
    }
  }

  /// `POST {"version", "file", "url", "sha256"}`; any status of 2xx is consent.
  private func ask(_ request: RequestLoading, _ order: PatchOrder, _ patch: DownloadedPatch) async throws {
    guard let address = request.address else { throw UpdateFault(.notLoaded, "there is no address") }
    let body: JSONValue = [
      "version": .string(order.version.description), "file": .string(patch.path), "url": .string(order.url),
      "sha256": .string(patch.sha256),
    ]
    let outgoing = TransportRequest(
      head: address.request(request.method, fields: [.contentType: "application/json"]), body: body.serialized(),
      limits: .init(connect: min(.seconds(5), request.timeout), total: request.timeout, responseBytes: 1 << 20))
    let answer: CollectedResponse
    do {
      answer = try await self.transport.collect(outgoing)
    } catch let error as TransportError {
      throw UpdateFault(.notLoaded, "the game at \(address.shown) does not answer: \(error.message)")
    }
    guard answer.head.status.kind == .successful else {
      throw UpdateFault(.notLoaded, "the game at \(address.shown) answers \(answer.head.status.code)")
    }
  }
}
