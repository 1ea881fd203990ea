import APIServer
import HTTPTransport
import HTTPTypes
import KubernetesModel
import KubernetesRuntime
import Synchronization

/// The controllers' watches: real ones of the API server, which break, expire and fall behind as a fault has it.
final class SimulatedWatches: Sendable {
  /// How many events a stale watch is behind.
  static let staleness = 5

  private struct State {
    var lines: [Int: WatchLine] = [:]
    var lastNumber = 0
    var isStale = false
    /// Collections whose watches are answered with 410 until they are listed anew.
    var expired: Set<String> = []
  }

  private let cluster: SimulatedCluster
  private let state = Mutex(State())

  init(cluster: SimulatedCluster) { self.cluster = cluster }

  /// Whether a request opens a watch.
  static func isWatch(_ request: TransportRequest) -> Bool { request.head.path?.contains("watch=true") ?? false }

  /// The controllers start anew.
  func reset() {
    self.state.withLock { state in
      state.isStale = false
      state.expired = []
    }
  }

  /// Opens a watch, and hands it over for as long as `handle` wants it.
  func withResponse<Result: Sendable>(
    to request: TransportRequest, _ handle: (TransportResponse) async throws -> Result
  ) async throws -> Result {
    let collection = Self.collection(of: request)
    if self.state.withLock({ $0.expired.contains(collection) }) { return try await handle(Self.gone) }
    let request = Self.withoutTimers(request)
    self.cluster.trace.request(request, by: "watch", at: self.cluster.time.elapsed)
    let response = try await self.cluster.thread.exclusively {
      try await self.cluster.server.withResponse(to: request) { $0 }
    }
    let line = WatchLine(response.body, collection: collection)
    let number = self.state.withLock { state in
      state.lastNumber += 1
      state.lines[state.lastNumber] = line
      return state.lastNumber
    }
    defer { self.state.withLock { _ = $0.lines.removeValue(forKey: number) } }
    let body = ResponseBody { try await line.next { self.isStale ? self.cluster.eventCount : nil } }
    return try await handle(TransportResponse(head: response.head, body: body))
  }

  private var isStale: Bool { self.state.withLock { $0.isStale } }

  private var lines: [WatchLine] {
    self.state.withLock { state in state.lines.sorted { $0.key < $1.key }.map(\.value) }
  }

  /// Breaks every watch.
  func breakAll() {
    for line in self.lines { line.interrupt(.broken) }
  }

  /// Has every watch expire: every second one is told so in mid-stream, the others when they come back.
  ///
  /// None may go on before it has listed anew.
  func expireAll() {
    for (index, line) in self.lines.enumerated() {
      self.state.withLock { _ = $0.expired.insert(line.collection) }
      line.interrupt(index.isMultiple(of: 2) ? .expired : .broken)
    }
  }

  /// A collection has been listed, and may be watched from there.
  func listed(_ request: TransportRequest) {
    let collection = Self.collection(of: request)
    self.state.withLock { _ = $0.expired.remove(collection) }
  }

  /// From here on the watches are some events behind.
  func goStale() { self.state.withLock { $0.isStale = true } }

  /// Tells watches that have seen everything how far they have come.
  func sendBookmarks(revision: Int64) {
    for line in self.lines { line.interrupt(.bookmark(revision)) }
  }

  /// Lets stale watches see what is old enough by now.
  func eventsHappened(_ count: Int) {
    for line in self.lines { line.release(heldSince: count - Self.staleness) }
  }

  /// Lets the watch that is furthest behind catch up with one step.
  ///
  /// - Returns: false if none is behind.
  func catchUp() -> Bool {
    let held = self.lines.compactMap { line in line.heldSince.map { (line: line, since: $0) } }
    guard let first = held.min(by: { $0.since < $1.since }) else { return false }
    first.line.release(heldSince: first.since)
    return true
  }

  /// The path and the selector, by which a list belongs to a watch.
  private static func collection(of request: TransportRequest) -> String {
    let parts = (request.head.path ?? "").split(separator: "?", maxSplits: 1)
    let selector = parts.last?.split(separator: "&").first { $0.hasPrefix("labelSelector=") } ?? ""
    return "\(parts.first ?? "")?\(selector)"
  }

  /// The API server's own timers go by a clock that is not ours.
  private static func withoutTimers(_ request: TransportRequest) -> TransportRequest {
    var request = request
    let parts = (request.head.path ?? "").split(separator: "?", maxSplits: 1)
    let items = parts.last?.split(separator: "&") ?? []
    let kept = items.filter { !$0.hasPrefix("timeoutSeconds=") && !$0.hasPrefix("allowWatchBookmarks=") }
    request.head.path = "\(parts.first ?? "")?\(kept.joined(separator: "&"))"
    return request
  }

  /// What an API server says that has forgotten what was asked for.
  static let expiredStatus: JSONValue = [
    "kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": "Expired", "code": 410,
    "message": "too old resource version: the simulation has forgotten it",
  ]

  private static var gone: TransportResponse {
    TransportResponse(
      head: HTTPResponse(status: .gone, headerFields: [.contentType: "application/json"]),
      body: ResponseBody(once: Self.expiredStatus.serialized()))
  }
}
