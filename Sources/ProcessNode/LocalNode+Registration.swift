import KubernetesClient
import KubernetesModel
import Logging

extension LocalNode {
  private static let leaseNamespace = "kube-node-lease"

  /// Registers the Node, and says again and again that it is alive, until the task is cancelled.
  func keepRegistered() async {
    var isRegistered = false
    var pause = Duration.milliseconds(100)
    while !Task.isCancelled {
      do {
        if !isRegistered { try await self.register() }
        isRegistered = try await self.renewLease() && self.registeredNode != nil
        pause = isRegistered ? self.configuration.heartbeat : .milliseconds(100)
      } catch {
        if Task.isCancelled { return }
        self.logger.info("cannot say that the node is alive, trying again", metadata: ["error": "\(error)"])
        pause = min(pause * 2, self.configuration.heartbeat)
      }
      try? await Task.sleep(for: pause)  // Cancellation ends the loop at its head.
    }
  }

  private func register() async throws {
    let name = self.configuration.nodeName
    let labels = ["kubernetes.io/hostname": name, "kubernetes.io/os": "linux"]
    let key = ObjectKey(namespace: nil, name: name)
    if try await self.client.find(Node.self, key) == nil {
      try await self.client.createIfAbsent(
        Node(
          metadata: ObjectMeta(name: name, labels: labels),
          spec: self.configuration.guestTaint.map { Node.Spec(taints: [$0]) }))
    }
    let now = JSONValue.string(Timestamp.now.description)
    let ready: JSONValue = [
      "type": "Ready", "status": "True", "reason": "NodeReady", "message": "the node runs Pods as processes",
      "lastHeartbeatTime": now, "lastTransitionTime": now,
    ]
    let addresses: JSONValue = [
      ["type": "InternalIP", "address": .string(self.configuration.hostAddress)],
      ["type": "Hostname", "address": .string(name)],
    ]
    let capacity = NodeCapacity.ofThisMachine.json
    _ = try await self.client.patch(
      Node.self, key, subresource: .status,
      [
        "status": [
          "conditions": [ready], "addresses": addresses, "capacity": capacity, "allocatable": capacity,
          "nodeInfo": NodeCapacity.system(version: self.configuration.version),
        ]
      ])
    try await self.removeInitialTaint(key)
    let namespace = ObjectKey(namespace: nil, name: Self.leaseNamespace)
    if try await self.client.find(Namespace.self, namespace) == nil {
      try await self.client.createIfAbsent(Namespace(name: Self.leaseNamespace))
    }
    let lease = Lease(metadata: ObjectMeta(name: name, namespace: Self.leaseNamespace), spec: self.leaseSpec)
    try await self.client.createIfAbsent(lease)
  }

  /// Takes off the taint that an API server gives each new Node until it is ready.
  ///
  /// A cluster's node controller does the same; where there is none, the node would never take a Pod.
  private func removeInitialTaint(_ key: ObjectKey) async throws {
    guard let node = try await self.client.find(Node.self, key), let taints = node.spec?.taints else { return }
    let left = taints.filter { $0.key != "node.kubernetes.io/not-ready" }
    guard left.count < taints.count else { return }
    let patch: JSONValue = [
      "metadata": ["resourceVersion": .string(node.metadata.resourceVersion ?? "")],
      "spec": ["taints": left.isEmpty ? .null : try JSONValue(encoding: left)],
    ]
    let _: Node = try await self.client.patch(Node.self, key, patch)
  }

  /// - Returns: False if there is no Lease any more, so that the node must be registered anew.
  private func renewLease() async throws -> Bool {
    let key = ObjectKey(namespace: Self.leaseNamespace, name: self.configuration.nodeName)
    let now = MicroTimestamp(.now).timestamp.formatted(fraction: true)
    do {
      _ = try await self.client.patch(Lease.self, key, ["spec": ["renewTime": .string(now)]])
      return true
    } catch let error as APIError where error.isNotFound {
      return false
    }
  }

  private var leaseSpec: Lease.Spec {
    let seconds = max(self.configuration.heartbeat.components.seconds * 4, 1)
    return Lease.Spec(
      holderIdentity: self.configuration.nodeName, leaseDurationSeconds: seconds, renewTime: MicroTimestamp(.now))
  }

  /// Binds a Pod that has no node to this one.
  ///
  /// A Pod that is on its way out is let go instead.
  func bind(_ pod: Pod) async throws {
    guard !pod.metadata.isBeingDeleted else {
      try await self.client.delete(
        Pod.self, pod.key, options: DeleteOptions(uid: pod.metadata.uid, gracePeriodSeconds: 0))
      return
    }
    guard pod.phase != .succeeded, pod.phase != .failed else { return }
    let binding: JSONValue = [
      "apiVersion": "v1", "kind": "Binding",
      "metadata": ["name": .string(pod.key.name), "namespace": .string(pod.key.namespace ?? "")],
      "target": ["apiVersion": "v1", "kind": "Node", "name": .string(self.configuration.nodeName)],
    ]
    do {
      _ = try await self.client.send(
        .create(Pod.resourceType, pod.key, subresource: .binding, body: binding.serialized()))
    } catch let error as APIError where error.isConflict || error.isNotFound {
      // Somebody else bound it, or it is gone: the watch tells which.
    }
  }
}
