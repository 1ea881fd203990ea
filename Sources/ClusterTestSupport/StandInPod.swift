package import KubernetesClient
package import KubernetesModel

/// What a node that runs nothing tells the API server of a Pod.
package enum StandInPod {
  /// The name of the node that Pods are given.
  package static let nodeName = "stand-in"

  /// A spec of containers that a cluster's own scheduler leaves to the stand-in.
  package static func spec(_ containers: [Container]) -> PodSpec {
    var spec = PodSpec(containers: containers)
    spec.fields["schedulerName"] = "umpire-stand-in"
    return spec
  }

  /// Makes a node that is ready, or has one that there is be ready or not.
  package static func setNode(
    _ name: String, isReady: Bool = true, now: Timestamp, _ client: APIClient
  ) async throws {
    let key = ObjectKey(namespace: nil, name: name)
    if try await client.find(Node.self, key) == nil {
      try await client.createIfAbsent(Node(metadata: ObjectMeta(name: name)))
    }
    let ready: JSONValue = [
      "type": "Ready", "status": .string(isReady ? "True" : "Unknown"),
      "lastHeartbeatTime": .string(now.description),
    ]
    let _: Node = try await client.patch(Node.self, key, subresource: .status, ["status": ["conditions": [ready]]])
  }

  /// Gives the Pod a node.
  package static func bind(_ pod: Pod, to node: String = Self.nodeName, _ client: APIClient) async throws {
    let binding: JSONValue = [
      "apiVersion": "v1", "kind": "Binding", "metadata": ["name": .string(pod.metadata.name ?? "")],
      "target": ["apiVersion": "v1", "kind": "Node", "name": .string(node)],
    ]
    _ = try await client.send(
      .create(Pod.resourceType, pod.key, subresource: .binding, body: binding.serialized()))
  }

  /// Has every container run, and the Pod be ready, at an address that the number gives.
  ///
  /// - Returns: the address.
  @discardableResult
  package static func start(_ pod: Pod, number: Int, now: Timestamp, _ client: APIClient) async throws -> String {
    let address = "127.99.\(number / 250).\(number % 250 + 1)"
    let statuses: [JSONValue] = pod.spec.containers.map { container in
      [
        "name": .string(container.name), "image": .string(container.image ?? ""), "imageID": "", "ready": true,
        "restartCount": 0, "state": ["running": ["startedAt": .string(now.description)]],
      ]
    }
    let status: JSONValue = [
      "phase": "Running", "podIP": .string(address), "conditions": [["type": "Ready", "status": "True"]],
      "containerStatuses": .array(statuses),
    ]
    let _: Pod = try await client.patch(Pod.self, pod.key, subresource: .status, ["status": status])
    return address
  }

  /// The Pod has ended, and is gone.
  package static func remove(_ pod: Pod, _ client: APIClient) async throws {
    let options = DeleteOptions(uid: pod.metadata.uid, gracePeriodSeconds: 0)
    try await client.delete(Pod.self, pod.key, options: options)
  }
}
