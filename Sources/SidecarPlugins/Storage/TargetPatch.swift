import KubernetesModel

/// Decides how values come to their places in an object.
enum TargetPatch {
  /// The operations that bring the values there, the objects on the way included; none where they are already.
  ///
  /// `add` would insert into an array, and `replace` fails where nothing is: the object says which one is right. The
  /// patch counts only for the version of the object that was looked at.
  ///
  /// - Throws: ``StorageFault`` naming a place that cannot be.
  static func operations(
    _ changes: [TargetChange], on object: JSONValue
  ) throws(StorageFault) -> [JSONPatch.Operation] {
    var operations: [JSONPatch.Operation] = []
    var object = object
    for change in changes {
      let operation = try Self.operation(change, on: object)
      guard let operation else { continue }
      operations.append(operation)
      do throws(JSONPatchError) {
        object = try object.applying(JSONPatch([operation]))
      } catch {
        throw StorageFault("the target has no place \(change.place): \(error)")
      }
    }
    guard !operations.isEmpty else { return [] }
    guard let version = object["metadata"]?["resourceVersion"] else { return operations }
    return [.test(JSONPointer(tokens: ["metadata", "resourceVersion"]), version)] + operations
  }

  private static func operation(
    _ change: TargetChange, on object: JSONValue
  ) throws(StorageFault) -> JSONPatch.Operation? {
    if let present = object[change.place] {
      return present == change.value ? nil : .replace(change.place, change.value)
    }
    // The first step of the way that is not there takes all that lies behind it.
    var place = JSONPointer(tokens: [])
    for (index, token) in change.place.tokens.enumerated() {
      let parent = object[place]
      place.tokens.append(token)
      guard object[place] == nil else { continue }
      switch parent {
      case .object: ()
      case .array(let elements) where token == "-" || token == String(elements.count): ()
      default: throw StorageFault("the target has no place \(change.place): \(place) cannot be made")
      }
      let value = change.place.tokens[(index + 1)...].reversed().reduce(change.value) { .object([$1: $0]) }
      return .add(place, value)
    }
    return nil
  }
}
