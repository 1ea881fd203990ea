import KubernetesClient
import KubernetesModel

/// Which children an owner takes in, and which it lets go (as `ControllerRefManager` does for Kubernetes' own kinds).
///
/// A child belongs to the owner that its owner reference names. One that nobody controls is taken in if its label names the
/// owner and it runs the owner's own template; nothing is ever taken by its label alone. One whose label was changed is
/// let go.
enum Custody {
  /// By name.
  struct Changes: Equatable {
    var adopt: [String] = []
    var release: [String] = []
    var isEmpty: Bool { self.adopt.isEmpty && self.release.isEmpty }
  }

  /// - Parameters:
  ///   - label: the label that names the owner.
  ///   - strays: objects that nobody controls and whose label names the owner.
  ///   - fits: whether a stray runs what the owner runs.
  static func changes<Child: KubernetesResource>(
    of owner: ObjectMeta, label: String, children: [Child], strays: [Child], fits: (Child) -> Bool
  ) -> Changes {
    guard !owner.isBeingDeleted else { return Changes() }
    let free = strays.filter { !$0.metadata.isBeingDeleted && fits($0) }
    let leaving = children.filter { !$0.metadata.isBeingDeleted && $0.metadata.label(label) != owner.name }
    return Changes(adopt: free.compactMap(\.metadata.name), release: leaving.compactMap(\.metadata.name))
  }

  /// Takes in and lets go what is to be.
  ///
  /// - Returns: whether anything was done, which the watch will show.
  static func settle<Owner: KubernetesResource, Child: KubernetesResource>(
    _ owner: Owner, label: String, children: [Child], strays: [Child], client: APIClient, fits: (Child) -> Bool
  ) async throws -> Bool {
    let changes = Self.changes(of: owner.metadata, label: label, children: children, strays: strays, fits: fits)
    guard !changes.isEmpty else { return false }
    try await Self.carryOut(changes, of: owner, among: children + strays, client: client)
    return true
  }

  /// Carries changes out.
  ///
  /// - Parameter objects: the children and strays that the changes were made from.
  private static func carryOut<Owner: KubernetesResource, Child: KubernetesResource>(
    _ changes: Changes, of owner: Owner, among objects: [Child], client: APIClient
  ) async throws {
    let byName = Dictionary(objects.compactMap { object in object.metadata.name.map { ($0, object) } }) { $1 }
    for child in changes.release.compactMap({ byName[$0] }) {
      try await Self.write(child.metadata.ownerReferences?.filter { $0.uid != owner.metadata.uid } ?? [], child, client)
    }
    guard !changes.adopt.isEmpty else { return }
    // The store may not know yet that the owner is going, or that it was made anew.
    let present = try await client.find(Owner.self, owner.key)
    guard let present, present.metadata.uid == owner.metadata.uid, !present.metadata.isBeingDeleted else { return }
    for child in changes.adopt.compactMap({ byName[$0] }) {
      try await Self.write((child.metadata.ownerReferences ?? []) + [owner.controllerReference], child, client)
    }
  }

  private static func write<Child: KubernetesResource>(
    _ owners: [OwnerReference], _ child: Child, _ client: APIClient
  ) async throws {
    var metadata: JSONValue = ["ownerReferences": try JSONValue(encoding: owners)]
    metadata["uid"] = child.metadata.uid.map(JSONValue.string)
    metadata["resourceVersion"] = child.metadata.resourceVersion.map(JSONValue.string)
    let _: Child = try await client.patch(Child.self, child.key, ["metadata": metadata])
  }
}

extension ObjectMeta {
  /// Whether the object is being deleted and its children are to stay: whoever collects garbage takes the references off
  /// them, and this finalizer when that is done.
  var orphansChildren: Bool { self.isBeingDeleted && self.hasFinalizer("orphan") }
}

extension DeleteOptions {
  /// Deletes a child; if its owner is going too, only in the state that was seen.
  ///
  /// One that was orphaned meanwhile has another version, and stays.
  init(child: ObjectMeta, of owner: ObjectMeta) {
    self.init(uid: child.uid, resourceVersion: owner.isBeingDeleted ? child.resourceVersion : nil)
  }
}
