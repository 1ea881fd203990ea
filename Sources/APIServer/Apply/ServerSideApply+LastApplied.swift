import KubernetesModel

/// The way from `kubectl apply` to `kubectl apply --server-side`.
///
/// What kubectl applied by itself is written down in an annotation. Whoever applies as `kubectl` takes over what is still
/// as that says, and the annotation follows what is applied.
extension ServerSideApply {
  private static let annotation = "kubectl.kubernetes.io/last-applied-configuration"
  private static let kubectl = "kubectl"
  /// How large all annotations of an object may be.
  private static let maximumAnnotationBytes = 256 << 10

  private func lastApplied(_ object: APIObject) -> String? {
    guard self.manager == Self.kubectl else { return nil }
    return object[metadata: "annotations"]?[Self.annotation]?.stringValue.flatMap { $0.isEmpty ? nil : $0 }
  }

  /// The fields that kubectl applied by itself and that are still as it applied them; nil if there is no word of it.
  func ownedByClientSideApply(_ live: APIObject) -> FieldSet? {
    // What cannot be read gives no right to anything.
    guard let text = self.lastApplied(live), let json = try? JSONValue(parsing: Array(text.utf8)) else { return nil }
    let config = APIObject(json)
    guard config.apiVersion == self.ownership.resource.apiVersion else { return nil }
    let changes = self.ownership.changes(from: config, to: live)
    return self.ownership.owned(config).subtracting(changes.changed).subtracting(changes.removed)
  }

  /// Writes down what was applied, where kubectl wrote before.
  func updateLastApplied(_ object: inout APIObject, _ config: APIObject) {
    guard self.lastApplied(object) != nil else { return }
    var config = config
    if var annotations = config[metadata: "annotations"]?.objectValue {
      annotations[Self.annotation] = nil
      config[metadata: "annotations"] = annotations.isEmpty ? nil : .object(annotations)
    }
    var annotations = object[metadata: "annotations"] ?? .object([:])
    annotations[Self.annotation] = .string(String(decoding: config.json.serialized(), as: UTF8.self) + "\n")
    // Too large for an annotation is as good as none.
    if annotations.serialized().count > Self.maximumAnnotationBytes { annotations[Self.annotation] = "" }
    object[metadata: "annotations"] = annotations
  }
}
