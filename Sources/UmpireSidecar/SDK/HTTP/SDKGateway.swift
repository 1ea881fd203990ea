import CarrierSDK
import GRPCCore
import HTTPTransport
import HTTPTypes
import KubernetesModel
import ServerSupport

/// The SDK over HTTP: the same calls as over gRPC, with JSON in and out.
///
/// It is a transport, as a listener of those ends a call whose client has left, even when there is nothing to write. A
/// watch that is the first request of its connection, as those of SDKs are, has the connection to itself.
struct SDKGateway: HTTPTransport.ClientTransport {
  let calls: SDKCalls
  let limits: SDKLimits

  func withResponse<Result: Sendable>(
    to request: TransportRequest, _ handle: (TransportResponse) async throws -> Result
  ) async throws -> Result {
    guard let call = Route(path: request.head.path ?? "") else {
      return try await handle(Self.response(RPCError(code: .notFound, message: "there is nothing at this path")))
    }
    guard call.methods.contains(request.head.method) else {
      let error = RPCError(code: .unimplemented, message: "\(request.head.method.rawValue) is not known here")
      var response = Self.response(error, status: .methodNotAllowed)
      response.head.headerFields[.allow] = call.methods.map(\.rawValue).joined(separator: ", ")
      return try await handle(response)
    }
    guard case .watch = call else { return try await handle(await self.answer(call, request.body)) }
    return try await self.watch(handle)
  }

  // MARK: Calls

  private func answer(_ route: Route, _ body: [UInt8]) async -> TransportResponse {
    do throws(RPCError) {
      switch route {
      case .get, .watch:
        return Self.response(try await self.calls.counted(.get) { try self.calls.state().json })
      case .set(let field):
        try await self.calls.counted(SDKCall(field)) {
          let pair = try Self.pair(body)
          let stored: Void? = try await withTimeLimit(self.limits.storeTime) { try await self.calls.set(field, pair) }
          guard stored != nil else { throw RPCError.late }
        }
        return Self.response(Array("{}".utf8))
      }
    } catch {
      return Self.response(error)
    }
  }

  private func watch<Result: Sendable>(
    _ handle: (TransportResponse) async throws -> Result
  ) async throws -> Result {
    var result: Swift.Result<Result, any Error>?
    do throws(RPCError) {
      result = try await self.calls.counted(.watch) {
        try await self.calls.feed.watch { states, _ in
          // What fails from here on has an answer already.
          do { return .success(try await handle(Self.response(states))) } catch { return .failure(error) }
        }
      }
    } catch {
      return try await handle(Self.response(error))
    }
    guard let result else { throw CancellationError() }
    return try result.get()
  }

  private static func pair(_ body: [UInt8]) throws(RPCError) -> Carrier_Dev_Sdk_KeyValue {
    do {
      // Our own parser first: it bounds the depth of what is ignored.
      _ = try JSONValue(parsing: body)
      return try Carrier_Dev_Sdk_KeyValue(json: body)
    } catch {
      throw RPCError(code: .invalidArgument, message: #"the body must be {"key": "…", "value": "…"}"#)
    }
  }

  // MARK: Responses

  private static func response(_ document: [UInt8], status: HTTPResponse.Status = .ok) -> TransportResponse {
    var head = Self.head(status)
    head.headerFields[.contentLength] = String(document.count)
    return TransportResponse(head: head, body: .whole(document))
  }

  private static func response(_ error: RPCError, status: HTTPResponse.Status? = nil) -> TransportResponse {
    Self.response(error.document, status: status ?? error.code.status)
  }

  /// A line for each state, for as long as there are any.
  private static func response(_ states: AsyncStream<EncodedGameServer>) -> TransportResponse {
    TransportResponse(
      head: Self.head(.ok),
      body: ResponseBody {
        for await state in states { return state.line }
        return nil
      })
  }

  private static func head(_ status: HTTPResponse.Status) -> HTTPResponse {
    HTTPResponse(
      status: status, headerFields: [.contentType: "application/json", .cacheControl: "no-store"])
  }
}

extension SDKGateway: DedicatedStreams {
  var streamBeginnings: [String] { ["GET /watch/gameserver ", "GET /watch/gameserver?"] }

  func openStream(to sink: StreamSink) -> StreamOpening {
    do throws(RPCError) {
      try self.calls.begin(.watch)
      do throws(RPCError) {
        let watcher = try self.calls.feed.join(SinkWatcher(sink: sink))
        return .opened(Self.head(.ok)) { [calls] in
          calls.feed.leave(watcher)
          calls.end(.watch)
        }
      } catch {
        self.calls.end(.watch, error)
        throw error
      }
    } catch {
      return .refused(Self.head(error.code.status), body: error.document)
    }
  }
}

/// A watcher on a connection of its own.
private struct SinkWatcher: StateWatcher {
  let sink: StreamSink
  func tell(_ state: EncodedGameServer) { self.sink.send(state.line) }
  func end() { self.sink.end() }
}

extension SDKGateway {
  /// What there is to ask for.
  enum Route: Hashable {
    case get, watch
    case set(SDKField)

    /// - Parameter path: with its query, which is not looked at.
    init?(path: String) {
      switch path.prefix(while: { $0 != "?" }) {
      case "/gameserver": self = .get
      case "/watch/gameserver": self = .watch
      case "/metadata/label": self = .set(.label)
      case "/metadata/annotation": self = .set(.annotation)
      case "/condition": self = .set(.condition)
      default: return nil
      }
    }

    /// What may be done there, in the order in which it is told.
    var methods: [HTTPRequest.Method] {
      switch self {
      case .get: [.get, .head]
      case .watch: [.get]
      case .set: [.put]
      }
    }
  }
}

extension ResponseBody {
  /// A body that is there already; it is read once.
  fileprivate static func whole(_ bytes: [UInt8]) -> ResponseBody {
    let (chunks, continuation) = AsyncStream.makeStream(of: [UInt8].self, bufferingPolicy: .bufferingNewest(1))
    continuation.yield(bytes)
    continuation.finish()
    return ResponseBody {
      for await chunk in chunks { return chunk }
      return nil
    }
  }
}
