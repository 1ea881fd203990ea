import KubernetesModel
import Testing

@testable import KubernetesRuntime

@Suite struct ObjectStoreTests {
  private func map(_ name: String, version: String, owner: String? = nil) -> ConfigMap {
    var map = ConfigMap(metadata: ObjectMeta(name: name, namespace: "n", labels: owner.map { ["owner": $0] }))
    map.metadata.uid = "uid-\(name)"
    map.metadata.resourceVersion = version
    return map
  }

  private func store() -> ObjectStore<ConfigMap> {
    ObjectStore(indexes: ["owner": { $0.metadata.label("owner").map { [$0] } ?? [] }])
  }

  @Test func anIndexFollowsEveryChange() {
    let store = self.store()
    store.apply(self.map("a", version: "1", owner: "x"))
    store.apply(self.map("b", version: "2", owner: "x"))
    #expect(store.find("owner", "x").map(\.metadata.name) == ["a", "b"])
    store.apply(self.map("a", version: "3", owner: "y"))
    #expect(store.find("owner", "x").map(\.metadata.name) == ["b"])
    #expect(store.find("owner", "y").map(\.metadata.name) == ["a"])
    store.remove(ObjectKey(namespace: "n", name: "b"))
    #expect(store.find("owner", "x").isEmpty)
    #expect(store.count == 1)
  }

  @Test func aNewListTellsOnlyWhatDiffers() {
    let store = self.store()
    _ = store.replaceAll([self.map("a", version: "1"), self.map("b", version: "1"), self.map("c", version: "1")])
    let changes = store.replaceAll([
      self.map("a", version: "1"), self.map("b", version: "2"), self.map("d", version: "3"),
    ])
    let told = changes.map { change in
      switch change {
      case .added(let object): "added \(object.metadata.name ?? "")"
      case .updated(_, let object): "updated \(object.metadata.name ?? "")"
      case .removed(let object): "removed \(object.metadata.name ?? "")"
      }
    }
    #expect(told == ["updated b", "added d", "removed c"])
    #expect(store.all().map(\.metadata.name) == ["a", "b", "d"])
  }
}
