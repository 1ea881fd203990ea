import KubernetesClient
import KubernetesModel
import UmpireModel

/// Writes one result into the cluster, and only what is not there yet.
struct ClusterStorage: Sendable {
  let configuration: ClusterStorageConfiguration
  let client: APIClient
  let identity: PluginIdentity

  /// Writes the result; what another result left in other places stays.
  ///
  /// - Throws: `APIError`, or ``StorageFault``. What was written before the fault is found to be there the next time.
  func store(_ result: String) async throws {
    let policy = self.configuration.policy(for: result)
    let pod = try await self.mark(result, policy)
    if let state = policy?.opsState { try await self.set(state, pod) }
    var changes = policy?.changes ?? []
    if let place = self.configuration.targetPlace {
      changes.insert(TargetChange(place: place, value: .string(result)), at: 0)
    }
    guard let target = self.configuration.target, !changes.isEmpty else { return }
    let (type, key) = try await self.object(target, pod)
    let object = try await self.client.send(.get(type, key), as: JSONValue.self)
    let operations = try TargetPatch.operations(changes, on: object)
    guard !operations.isEmpty else { return }
    _ = try await self.client.send(
      .patch(
        type, key, kind: .json, body: JSONPatch(operations).json.serialized(), fieldManager: self.client.fieldManager))
  }

  /// Sets the own Pod's labels and annotations.
  ///
  /// - Returns: the Pod, if it had to be read for that.
  private func mark(_ result: String, _ policy: MarkerPolicy?) async throws -> Pod? {
    var (labels, annotations) = (policy?.labels ?? [:], policy?.annotations ?? [:])
    if let key = self.configuration.labelKey {
      if let fault = LabelSyntax.fault(inValue: result) {
        throw StorageFault("the result cannot be the value of the label \(key): \(fault)")
      }
      labels[key] = result
    }
    if let key = self.configuration.annotationKey { annotations[key] = result }
    guard !labels.isEmpty || !annotations.isEmpty else { return nil }
    let pod = try await self.client.get(Pod.self, self.identity.pod)
    var metadata: JSONValue = [:]
    for (field, wanted, present) in [
      ("labels", labels, pod.metadata.labels), ("annotations", annotations, pod.metadata.annotations),
    ] {
      let missing = wanted.filter { present?[$0.key] != $0.value }
      if !missing.isEmpty { metadata[field] = .object(missing.mapValues(JSONValue.string)) }
    }
    guard metadata != [:] else { return pod }
    // A Pod of this name that was made anew is another one.
    metadata["uid"] = pod.metadata.uid.map(JSONValue.string)
    return try await self.client.patch(Pod.self, self.identity.pod, ["metadata": metadata])
  }

  /// Sets what the operators want of the target, if that is a Server, else of the own Server.
  private func set(_ state: OpsState, _ pod: Pod?) async throws {
    var key = self.identity.server
    if let target = self.configuration.target, target.isServer { key = try await self.object(target, pod).key }
    let server = try await self.client.get(Server.self, key)
    guard server.spec.opsState != state else { return }
    let metadata: JSONValue = ["uid": server.metadata.uid.map(JSONValue.string) ?? .null]
    _ = try await self.client.patch(
      Server.self, key, ["metadata": metadata, "spec": ["opsState": .string(state.rawValue)]])
  }

  private func object(_ target: StorageTarget, _ pod: Pod?) async throws -> (type: ResourceType, key: ObjectKey) {
    guard case .named(let type, let namespace, let name) = target.place else {
      return (Server.resourceType, self.identity.server)
    }
    var pod = pod
    if pod == nil, namespace.needsPod || name.needsPod {
      pod = try await self.client.get(Pod.self, self.identity.pod)
    }
    let key = ObjectKey(
      namespace: type.isNamespaced ? try namespace.resolved(pod) : nil, name: try name.resolved(pod))
    guard key.namespace.flatMap({ LabelSyntax.fault(inLabel: $0) }) == nil,
      LabelSyntax.fault(inSubdomain: key.name) == nil
    else { throw StorageFault("the target's name cannot be \(key)") }
    return (type, key)
  }
}
