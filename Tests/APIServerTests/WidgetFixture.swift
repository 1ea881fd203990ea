import HTTPTypes
import KubernetesModel

@testable import APIServer

extension EmbeddedAPIServer {
  static let widgets = "/apis/stable.example.com/v1/namespaces/default/widgets"
  static let configMaps = "/api/v1/namespaces/default/configmaps"
  static let pods = "/api/v1/namespaces/default/pods"

  /// A server in memory that serves the Widgets of the recorded scenarios.
  static func withWidgets(_ change: (inout Configuration) -> Void = { _ in }) async throws -> EmbeddedAPIServer {
    let server = try await Self.inMemory(change)
    try await server.send(.post, "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", Transcript.read("crd"))
    return server
  }

  /// Creates a Widget and returns it.
  @discardableResult
  func createWidget(_ name: String, metadata: JSONValue = [:], spec: JSONValue = [:]) async throws -> JSONValue {
    var widget: JSONValue = ["apiVersion": "stable.example.com/v1", "kind": "Widget"]
    widget["metadata"] = JSONValue.object(["name": .string(name)]).applying(mergePatch: metadata)
    widget["spec"] = JSONValue.object(["owner": "team-a"]).applying(mergePatch: spec)
    return try await self.send(.post, Self.widgets, widget).json
  }

  /// Creates a ConfigMap and returns it.
  @discardableResult
  func createConfigMap(
    _ name: String, namespace: String = "default", metadata: JSONValue = [:]
  ) async throws -> JSONValue {
    let map: JSONValue = ["metadata": JSONValue.object(["name": .string(name)]).applying(mergePatch: metadata)]
    return try await self.send(.post, "/api/v1/namespaces/\(namespace)/configmaps", map).json
  }

  /// Creates a Pod and returns it.
  @discardableResult
  func createPod(_ name: String, node: String? = nil) async throws -> JSONValue {
    var spec: JSONValue = ["containers": [["name": "main", "image": "game:1"]]]
    spec["nodeName"] = node.map(JSONValue.string)
    return try await self.send(.post, Self.pods, ["metadata": ["name": .string(name)], "spec": spec]).json
  }
}

/// Runs the server's background work while `body` runs.
func withBackgroundWork(_ server: EmbeddedAPIServer, _ body: () async throws -> Void) async throws {
  try await withThrowingTaskGroup(of: Void.self) { group in
    group.addTask { try await server.run() }
    try await body()
    group.cancelAll()
  }
}

/// The reference that makes `owner` the owner of another object.
func ownerReference(to owner: JSONValue, blocks: Bool = true) -> JSONValue {
  [
    "apiVersion": owner["apiVersion"]!, "kind": owner["kind"]!, "name": owner["metadata"]!["name"]!,
    "uid": owner["metadata"]!["uid"]!, "controller": true, "blockOwnerDeletion": .bool(blocks),
  ]
}
