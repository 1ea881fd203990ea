import KubernetesClient
import KubernetesModel
import UmpireModel

/// The result ConfigMap: what each Pod of the namespace has loaded, by the Pod's name.
struct UpdateRecords: Sendable {
  let client: APIClient
  let identity: PluginIdentity
  let name: String

  private var key: ObjectKey { ObjectKey(namespace: self.identity.pod.namespace, name: self.name) }

  /// The patch that the own Pod begins with; nil if there is none.
  func choose() async throws -> UpdateRecord? {
    guard let map = try await self.client.find(ConfigMap.self, self.key), let data = map.data else { return nil }
    let pod = try await self.client.get(Pod.self, self.identity.pod)
    return UpdateRecord.choose(for: pod, among: data)
  }

  /// Writes what the own Pod has loaded, and removes the entries of Pods that are gone.
  ///
  /// A removal counts only for the ConfigMap that was looked at; writers that only set their own entry never conflict.
  ///
  /// - Throws: `APIError`, a conflict among them: then the whole is to be done again.
  func write(_ order: PatchOrder, sha256: String?) async throws {
    let pod = try await self.client.get(Pod.self, self.identity.pod)
    let record = UpdateRecord(
      version: order.version, url: order.url, sha256: sha256, gameType: pod.metadata.label(Labels.gameType),
      uid: pod.metadata.uid)
    guard let map = try await self.client.find(ConfigMap.self, self.key) else {
      let metadata = ObjectMeta(name: self.name, namespace: self.key.namespace)
      _ = try await self.client.create(ConfigMap(metadata: metadata, data: [self.identity.pod.name: record.yaml]))
      return
    }
    let pods = try await self.client.list(
      Pod.self, namespace: self.key.namespace, options: ListOptions(labelSelector: Labels.server))
    var data: JSONValue = [:]
    let stale = UpdateRecord.stale(map.data ?? [:], pods.items).filter { $0 != self.identity.pod.name }
    for key in stale { data[key] = .null }
    if map.data?[self.identity.pod.name] != record.yaml { data[self.identity.pod.name] = .string(record.yaml) }
    guard data != [:] else { return }
    var patch: JSONValue = ["data": data]
    if !stale.isEmpty, let version = map.metadata.resourceVersion {
      patch["metadata"] = ["resourceVersion": .string(version)]
    }
    _ = try await self.client.patch(ConfigMap.self, self.key, patch)
  }
}
