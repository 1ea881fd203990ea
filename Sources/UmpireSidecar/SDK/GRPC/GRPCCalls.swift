import CarrierSDK
import GRPCCore
import HTTPTransport

/// The service `carrier.dev.sdk.SDK` of one Server.
///
/// A call ends when its client leaves, when its deadline passes, and when the sidecar stops.
struct GRPCCalls: EncodedSDKService {
  let calls: SDKCalls
  let requestBytes: Int
  /// How long a client may take to send its message after it has begun a call.
  let requestTime: Duration

  func getGameServer(
    request: StreamingServerRequest<Carrier_Dev_Sdk_Empty>, context: ServerContext
  ) async throws -> StreamingServerResponse<EncodedGameServer> {
    let state = try await self.calls.counted(.get) {
      _ = try await self.message(of: request)
      return try self.calls.state()
    }
    return StreamingServerResponse(single: ServerResponse(message: state))
  }

  func watchGameServer(
    request: StreamingServerRequest<Carrier_Dev_Sdk_Empty>, context: ServerContext
  ) async throws -> StreamingServerResponse<EncodedGameServer> {
    StreamingServerResponse { writer in
      try await self.calls.counted(.watch) {
        _ = try await self.message(of: request)
        let limit = Self.limit(request.metadata)
        try await self.calls.feed.watch { states, end in
          // In this task alone, as there may be thousands of watches.
          try await Self.cutShort(after: limit, by: end) {
            for await state in states { try await writer.write(state) }
          }
        }
        throw self.reason(limit)
      }
    }
  }

  func set(
    _ field: SDKField, request: StreamingServerRequest<Carrier_Dev_Sdk_KeyValue>, context: ServerContext
  ) async throws -> StreamingServerResponse<Carrier_Dev_Sdk_Empty> {
    // The head of the answer goes out before the change is made, which fails when the client has left already: the
    // library does not tell of a client that leaves before the call is known to it.
    StreamingServerResponse { writer in
      try await self.calls.counted(SDKCall(field)) {
        let pair = try await self.message(of: request)
        try await self.during(request.metadata) { try await self.calls.set(field, pair) }
      }
      try await writer.write(Carrier_Dev_Sdk_Empty())
      return [:]
    }
  }

  /// The one message of a request.
  private func message<Message: Sendable>(of request: StreamingServerRequest<Message>) async throws -> Message {
    try await self.during(request.metadata, atMost: self.requestTime) {
      try await ServerRequest(stream: request).message
    }
  }

  /// Runs `operation`, and cancels it when its client leaves, its deadline passes, or after `limit`.
  private func during<Result: Sendable>(
    _ metadata: Metadata, atMost limit: Duration? = nil, _ operation: @escaping @Sendable () async throws -> Result
  ) async throws -> Result {
    let limit = [limit, Self.limit(metadata)].compactMap { $0 }.min()
    // What cuts it short calls back, as every task more counts at hundreds of calls a second.
    let (cut, cutting) = AsyncStream.makeStream(of: Never.self)
    return try await Self.cutShort(after: limit, by: { cutting.finish() }) {
      try await withThrowingTaskGroup(of: Result?.self) { group in
        group.addTask { try await operation() }
        group.addTask {
          for await _ in cut {}
          return nil
        }
        defer { group.cancelAll() }
        if case .some(.some(let result)) = try await group.next() { return result }
        group.cancelAll()
        do {
          // What was done all the same is told.
          while let next = try await group.next() { if let result = next { return result } }
        } catch {
          // It ended because it was cancelled, and why is known here.
        }
        throw self.reason(limit)
      }
    }
  }

  /// Runs `operation`, and calls `cut` when its client leaves or `limit` passes.
  private static func cutShort<Result>(
    after limit: Duration?, by cut: @escaping @Sendable () -> Void, _ operation: () async throws -> Result
  ) async throws -> Result {
    let timer = limit.map { Timeout.start($0, onPassed: cut) }
    defer { timer?.cancel() }
    return try await withRPCCancellationHandler(operation: operation, onCancelRPC: cut)
  }

  /// How long the client waits at most.
  private static func limit(_ metadata: Metadata) -> Duration? {
    metadata[stringValues: "grpc-timeout"].lazy.compactMap { CallDeadline.duration($0) }.first { _ in true }
  }

  /// Why a call was cut short that had so long.
  private func reason(_ limit: Duration?) -> any Error {
    if self.calls.feed.isOver { return RPCError.stopping }
    return limit == nil ? CancellationError() : RPCError.late
  }
}
