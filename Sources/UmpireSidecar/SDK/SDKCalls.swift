import CarrierSDK
import GRPCCore
import Synchronization

/// A call of the SDK.
enum SDKCall: String, Sendable, Hashable, CaseIterable {
  case get, watch, label, annotation, condition

  init(_ field: SDKField) {
    switch field {
    case .label: self = .label
    case .annotation: self = .annotation
    case .condition: self = .condition
    }
  }
}

/// What the calls of the SDK do, whichever way they come in.
final class SDKCalls: Sendable {
  let feed: StateFeed
  private let server: any OwnServer
  private let metrics: SDKMetrics
  private let maximum: Int
  private let open = Mutex(0)

  /// - Parameter maximum: how many calls may be under way at once, watches included.
  init(server: any OwnServer, feed: StateFeed, maximum: Int, metrics: SDKMetrics) {
    self.server = server
    self.feed = feed
    self.maximum = maximum
    self.metrics = metrics
  }

  /// The state as it is now.
  ///
  /// - Throws: `unavailable` while the Server has not been read.
  func state() throws -> EncodedGameServer {
    guard let server = self.server.server else {
      throw RPCError(code: .unavailable, message: "the Server has not been read from the API server yet")
    }
    return try EncodedGameServer(.init(server))
  }

  /// Makes a change, and returns once it is stored.
  func set(_ field: SDKField, _ pair: Carrier_Dev_Sdk_KeyValue) async throws(RPCError) {
    let change = try ServerChange(field, pair)
    do throws(SidecarError) {
      try await self.server.store(change)
    } catch {
      throw RPCError(error)
    }
  }

  /// Counts a call, and lets it be if there are not too many.
  ///
  /// - Throws: `resourceExhausted`, and what `operation` throws as an `RPCError`.
  func counted<Result: Sendable>(
    _ call: SDKCall, _ operation: () async throws -> Result
  ) async throws(RPCError) -> Result {
    try self.begin(call)
    let error: RPCError
    do {
      let result = try await operation()
      self.end(call)
      return result
    } catch let thrown as RPCError {
      error = thrown
    } catch is CancellationError {
      error = self.feed.isOver ? .stopping : RPCError(code: .cancelled, message: "the call was cancelled")
    } catch let thrown {
      error = RPCError(code: .internalError, message: "the call could not be handled", cause: thrown)
    }
    self.end(call, error)
    throw error
  }

  /// Counts a call that begins; whoever is let in has to say when it ends.
  ///
  /// - Throws: `resourceExhausted` when there are too many.
  func begin(_ call: SDKCall) throws(RPCError) {
    let isLetIn = self.open.withLock { open in
      guard open < self.maximum else { return false }
      open += 1
      return true
    }
    guard !isLetIn else { return }
    let error = RPCError(code: .resourceExhausted, message: "too many calls are under way")
    self.metrics.ended(call, SDKMetrics.Outcome(error.code))
    throw error
  }

  /// A call that was let in has ended, well unless there is an error.
  func end(_ call: SDKCall, _ error: RPCError? = nil) {
    self.open.withLock { $0 -= 1 }
    self.metrics.ended(call, error.map { SDKMetrics.Outcome($0.code) } ?? .ok)
  }
}
