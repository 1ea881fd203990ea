import HTTPTransport
import HTTPTypes
import KubernetesClient
import KubernetesModel
import Synchronization

/// An API server that holds one Server: get, list, watch, and JSON patches of its status, each a new version.
final class OneServerAPI: ClientTransport {
  private struct State {
    var object: JSONValue
    var version = 1
    var isAway = false
    var watches: [Int: AsyncStream<[UInt8]>.Continuation] = [:]
    var nextWatch = 0
    var patches = 0
    var refusal: Int?
    var beforePatch: [@Sendable (inout JSONValue) -> Void] = []
  }
  private let state: Mutex<State>

  init(status: JSONValue? = nil, finalizers: [String] = []) {
    var object: JSONValue = [
      "apiVersion": "umpire.dev/v1alpha1", "kind": "Server",
      "metadata": [
        "name": "arena-1", "namespace": "games", "uid": "u-1", "generation": 3, "resourceVersion": "1",
        "finalizers": .array(finalizers.map(JSONValue.string)),
      ],
      "spec": ["pod": ["containers": [["name": "game", "image": "game"]]]],
    ]
    object["status"] = status
    self.state = Mutex(State(object: object))
  }

  var client: APIClient {
    APIClient(transport: self, configuration: .inProcess, fieldManager: "test")
  }

  /// How many patches have arrived, the refused ones included.
  var patches: Int { self.state.withLock { $0.patches } }
  /// How many watches are open.
  var watches: Int { self.state.withLock { $0.watches.count } }
  /// The conditions as type, status and reason.
  var conditions: [[String]] {
    let conditions = self.state.withLock { $0.object["status"]?["conditions"]?.arrayValue ?? [] }
    return conditions.map { condition in
      ["type", "status", "reason"].map { condition[$0]?.stringValue ?? "" }
    }
  }

  /// Makes every exchange fail from now on, or not; open watches break off.
  func setAway(_ isAway: Bool) {
    self.state.withLock { state in
      state.isAway = isAway
      guard isAway else { return }
      for watch in state.watches.values { watch.finish() }
      state.watches = [:]
    }
  }

  /// Answers every patch with this status from now on.
  func refusePatches(with status: Int?) {
    self.state.withLock { $0.refusal = status }
  }

  /// Changes the object as somebody else would.
  func change(_ body: @Sendable (inout JSONValue) -> Void) {
    self.state.withLock { Self.change(&$0, body) }
  }

  /// Has somebody else change the object just before the next patch is applied.
  func changeBeforePatch(_ body: @escaping @Sendable (inout JSONValue) -> Void) {
    self.state.withLock { $0.beforePatch.append(body) }
  }

  func withResponse<Result: Sendable>(
    to request: TransportRequest, _ handle: (TransportResponse) async throws -> Result
  ) async throws -> Result {
    if self.state.withLock({ $0.isAway }) {
      throw TransportError(.connect, "connection refused", progress: .nothingSent)
    }
    let path = request.head.path ?? ""
    if path.contains("watch=true") { return try await self.watch(handle) }
    let (status, document) = self.answer(request, path)
    let chunks = Mutex([document.serialized()][...])
    return try await handle(
      TransportResponse(
        head: HTTPResponse(status: .init(code: status)), body: ResponseBody { chunks.withLock { $0.popFirst() } }))
  }

  private func answer(_ request: TransportRequest, _ path: String) -> (Int, JSONValue) {
    self.state.withLock { state in
      if path.contains("/servers?"), path.contains("metadata.name%3Darena-1") {
        return (
          200,
          [
            "kind": "ServerList", "metadata": ["resourceVersion": .string("\(state.version)")],
            "items": [state.object],
          ]
        )
      }
      guard request.head.method == .patch else { return (200, state.object) }
      state.patches += 1
      if let code = state.refusal {
        return (code, ["kind": "Status", "status": "Failure", "code": .integer(Int64(code)), "message": "no"])
      }
      if !state.beforePatch.isEmpty { Self.change(&state, state.beforePatch.removeFirst()) }
      do {
        let patch = try JSONPatch(try JSONValue(parsing: request.body))
        let patched = try state.object.applying(patch)
        Self.change(&state) { $0["status"] = patched["status"] }
        return (200, state.object)
      } catch {
        return (
          422, ["kind": "Status", "status": "Failure", "reason": "Invalid", "code": 422, "message": "test failed"]
        )
      }
    }
  }

  private func watch<Result: Sendable>(_ handle: (TransportResponse) async throws -> Result) async throws -> Result {
    let (stream, continuation) = AsyncStream.makeStream(of: [UInt8].self)
    let identifier = self.state.withLock { state in
      state.nextWatch += 1
      state.watches[state.nextWatch] = continuation
      // What changed between list and watch is not lost.
      continuation.yield(Self.event(state.object))
      return state.nextWatch
    }
    defer { _ = self.state.withLock { $0.watches.removeValue(forKey: identifier) } }
    return try await handle(
      TransportResponse(
        head: HTTPResponse(status: .ok),
        body: ResponseBody {
          var iterator = stream.makeAsyncIterator()
          let chunk = await iterator.next()
          try Task.checkCancellation()
          return chunk
        }))
  }

  private static func change(_ state: inout State, _ body: (inout JSONValue) -> Void) {
    body(&state.object)
    state.version += 1
    var metadata = state.object["metadata"] ?? [:]
    metadata["resourceVersion"] = .string("\(state.version)")
    state.object["metadata"] = metadata
    for watch in state.watches.values { watch.yield(Self.event(state.object)) }
  }

  private static func event(_ object: JSONValue) -> [UInt8] {
    (["type": "MODIFIED", "object": object] as JSONValue).serialized() + Array("\n".utf8)
  }
}
