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
      _ = try await self.message(of: request, context)
      return try self.calls.state()
    }
    return StreamingServerResponse(single: ServerResponse(message: state))
  }

  func watchGameServer(
    request: StreamingServerRequest<Carrier_Dev_Sdk_Empty>, context: ServerContext
  ) async throws -> StreamingServerResponse<EncodedGameServer> {
    StreamingServerResponse { writer in
      try await self.calls.counted(.watch) {
        _ = try await self.message(of: request, context)
        let limit = Self.limit(request.metadata)
        try await self.calls.feed.watch { states, end in
          // In this task alone, as there may be thousands of watches.
          let timer = limit.map { Timeout.start($0, onPassed: end) }
          defer { timer?.cancel() }
          try await withRPCCancellationHandler {
            for await state in states { try await writer.write(state) }
          } onCancelRPC: {
            end()
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
        let pair = try await self.message(of: request, context)
        try await self.during(request.metadata, context) { try await self.calls.set(field, pair) }
      }
      try await writer.write(Carrier_Dev_Sdk_Empty())
      return [:]
    }
  }

  /// The one message of a request.
  private func message<Message: Sendable>(
    of request: StreamingServerRequest<Message>, _ context: ServerContext
  ) async throws -> Message {
    try await withTimeLimit(self.requestTime, throwing: RPCError.late) {
      try await self.during(request.metadata, context) { try await ServerRequest(stream: request).message }
    }
  }

  /// Runs `operation`, and cancels it when its client leaves or its deadline passes.
  private func during<Result: Sendable>(
    _ metadata: Metadata, _ context: ServerContext, _ operation: @escaping @Sendable () async throws -> Result
  ) async throws -> Result {
    try await withThrowingTaskGroup(of: Result?.self) { group in
      group.addTask { try await operation() }
      group.addTask {
        // Of this the library tells in its own way only; it throws when the group is cancelled.
        try? await context.cancellation.cancelled
        return nil
      }
      let limit = Self.limit(metadata)
      if let limit {
        group.addTask {
          // It throws when the group is cancelled.
          try? await Timeout.wait(limit)
          return nil
        }
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

/// Runs `operation`, and cancels it after `limit`.
///
/// - Throws: `error` when the time is over, and what `operation` throws.
func withTimeLimit<Result: Sendable>(
  _ limit: Duration, throwing error: some Error, _ operation: @escaping @Sendable () async throws -> Result
) async throws -> Result {
  try await withThrowingTaskGroup(of: Result?.self) { group in
    group.addTask { try await operation() }
    group.addTask {
      try await Timeout.wait(limit)
      return nil
    }
    defer { group.cancelAll() }
    guard case .some(.some(let result)) = try await group.next() else { throw error }
    return result
  }
}
