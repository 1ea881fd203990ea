import HTTPTransport
import HTTPTypes
import Synchronization

/// Carries requests to the API server, one at a time, past the gate of whoever sends them.
struct RecordingTransport: ClientTransport {
  let cluster: SimulatedCluster
  /// What the controllers have to pass; nil for everybody else.
  let gate: WriteGate?

  func withResponse<Result: Sendable>(
    to request: TransportRequest, _ handle: (TransportResponse) async throws -> Result
  ) async throws -> Result {
    if let gate, SimulatedWatches.isWatch(request) {
      try gate.checkAlive()
      return try await gate.watches.withResponse(to: request, handle)
    }
    let answer = try await self.collect(request)
    return try await handle(TransportResponse(head: answer.head, body: ResponseBody(once: answer.body)))
  }

  func collect(_ request: TransportRequest) async throws -> CollectedResponse {
    // From the judgement to the effect nobody comes in between.
    try await self.cluster.thread.exclusively { try await self.exchange(request) }
  }

  private func exchange(_ request: TransportRequest) async throws -> CollectedResponse {
    let trace = self.cluster.trace
    trace.request(request, by: self.gate == nil ? "outside" : "controllers", at: self.cluster.time.elapsed)
    do {
      let answer = try await self.perform(request)
      trace.answer(answer.head.status, at: self.cluster.time.elapsed)
      return answer
    } catch {
      trace.answer(nil, at: self.cluster.time.elapsed)
      throw error
    }
  }

  private func perform(_ request: TransportRequest) async throws -> CollectedResponse {
    guard ![.get, .head, .options].contains(request.head.method) else {
      try self.gate?.checkAlive()
      self.gate?.count(request)
      self.gate?.watches.listed(request)
      return try await self.cluster.server.collect(request)
    }
    let verdict = try await self.gate?.admit(request) ?? .send
    switch verdict {
    case .refuse(let answer): return answer
    case .lose(let error): throw error
    case .send, .sendAndLose: ()
    }
    let answer = try await self.cluster.server.collect(request)
    self.gate?.count(request)
    if answer.head.status.kind == .successful {
      try await self.cluster.note(request, answer)
    }
    if case .sendAndLose(let error) = verdict { throw error }
    return answer
  }
}

extension ResponseBody {
  /// A body that is there already.
  init(once bytes: [UInt8]) {
    let rest = Rest(bytes)
    self.init { rest.take() }
  }
}

/// Bytes that are handed over once.
private final class Rest: Sendable {
  private let bytes: Mutex<[UInt8]?>

  init(_ bytes: [UInt8]) { self.bytes = Mutex(bytes) }

  func take() -> [UInt8]? {
    self.bytes.withLock { bytes in
      defer { bytes = nil }
      return bytes
    }
  }
}
