import KubernetesModel
import KubernetesRuntime

extension StoreChange {
  /// Whether the object was there before and still is.
  var isUpdate: Bool {
    if case .updated = self { return true }
    return false
  }

  /// Whom a change concerns beside the object: its controlling owner, the one before if it was another, and the one that
  /// a label names as long as nobody controls the object; each once, the present one first.
  func owners<Owner: KubernetesResource>(_ type: Owner.Type, namedBy label: String? = nil) -> [ObjectKey] {
    var keys: [ObjectKey] = []
    var states = [self.object]
    if case .updated(let before, _) = self { states.append(before) }
    for object in states {
      guard let key = object.ownerKey(type) ?? label.flatMap(object.namedOwnerKey), !keys.contains(key) else {
        continue
      }
      keys.append(key)
    }
    return keys
  }
}
