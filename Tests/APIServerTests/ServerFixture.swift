import HTTPTransport
import HTTPTypes
import KubernetesModel
import Synchronization

@testable import APIServer

/// An answer as a test looks at it.
struct Answer: Sendable {
  var status: Int
  var contentType: String
  var warning: String?
  var text: String

  /// The body; null if it is no JSON.
  var json: JSONValue { (try? JSONValue(parsing: Array(self.text.utf8))) ?? nil }

  /// The frames of a watch.
  var events: [JSONValue] {
    self.text.split(separator: "\n").compactMap { try? JSONValue(parsing: Array($0.utf8)) }
  }

  /// Paths and reasons of a refusal's causes, in order.
  var causes: [String] {
    (self.json["details"]?["causes"]?.arrayValue ?? []).map {
      "\($0["field"]?.stringValue ?? ""): \($0["reason"]?.stringValue ?? "")"
    }
  }
}

/// A time that a test moves.
final class ManualTime: Sendable {
  private let current: Mutex<Timestamp>

  init(_ start: Timestamp = Timestamp(secondsSinceEpoch: 1_767_225_600)) { self.current = Mutex(start) }

  var now: Timestamp { self.current.withLock { $0 } }

  func advance(by duration: Duration) { self.current.withLock { $0 = $0.advanced(by: duration) } }
}

extension EmbeddedAPIServer {
  /// A server in memory.
  static func inMemory(_ change: (inout Configuration) -> Void = { _ in }) async throws -> EmbeddedAPIServer {
    var configuration = Configuration()
    change(&configuration)
    return try EmbeddedAPIServer.open(configuration)
  }

  /// Sends a request in process and reads the whole answer.
  @discardableResult
  func send(
    _ method: HTTPRequest.Method, _ path: String, _ body: JSONValue? = nil, type: String? = nil,
    fields: [String: String] = [:]
  ) async throws -> Answer {
    try await self.send(method, path, bytes: body?.serialized() ?? [], type: type, fields: fields)
  }

  /// Sends a request in process and reads the whole answer.
  func send(
    _ method: HTTPRequest.Method, _ path: String, bytes: [UInt8], type: String? = nil, fields: [String: String] = [:]
  ) async throws -> Answer {
    var head = HTTPRequest(method: method, scheme: nil, authority: nil, path: path)
    if !bytes.isEmpty { head.headerFields[.contentType] = type ?? "application/json" }
    for (name, value) in fields { head.headerFields[HTTPField.Name(name)!] = value }
    let response = try await self.collect(TransportRequest(head: head, body: bytes))
    return Answer(
      status: response.head.status.code,
      contentType: String((response.head.headerFields[.contentType] ?? "").prefix { $0 != ";" }),
      warning: response.head.headerFields[HTTPField.Name("Warning")!],
      text: String(decoding: response.body, as: UTF8.self))
  }

  /// Sends a merge patch.
  @discardableResult
  func merge(_ path: String, _ patch: JSONValue) async throws -> Answer {
    try await self.send(.patch, path, patch, type: "application/merge-patch+json")
  }
}
