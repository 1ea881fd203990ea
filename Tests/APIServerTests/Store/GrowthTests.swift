import FoundationEssentials
import HTTPTypes
import KubernetesModel
import Testing

@testable import APIServer

/// What is stored depends on what there is, not on how often it was written.
struct GrowthTests {
  private func withFolder(_ body: (String) async throws -> Void) async throws {
    let folder = FileManager.default.temporaryDirectory.path + "/umpire-growth-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: folder) }  // What is left over is the system's to remove.
    try await body(folder)
  }

  private func key(_ name: String) -> StoreKey { StoreKey(resource: "configmaps", namespace: "default", name: name) }

  private func object(_ name: String, _ text: String) -> APIObject {
    APIObject([
      "apiVersion": "v1", "kind": "ConfigMap", "metadata": ["name": .string(name), "namespace": "default"],
      "data": ["text": .string(text)],
    ])
  }

  private func size(_ path: String) throws -> Int {
    (try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int) ?? 0
  }

  private func bytes(_ folder: String) throws -> Int {
    try self.size("\(folder)/state.sqlite") + self.size("\(folder)/state.sqlite-wal")
  }

  private func rows(_ store: ObjectStore) async throws -> Int {
    try await store.list(StoreQuery(resource: "configmaps")).objects.count
  }

  @Test func manyWritesToOneObjectLeaveOneRowAndAFileOfTheSameSize() async throws {
    try await self.withFolder { folder in
      let store = try ObjectStore(.directory(folder), historyEvents: 50, seed: []) { _ in }
      defer { store.close() }
      let text = String(repeating: "x", count: 2048)
      var revision = try await store.commit(StoreMutation(self.key("one"), .create(self.object("one", text)))).revision
      func write(_ count: Int) async throws {
        for index in 0..<count {
          let change = StoreMutation.Change.replace(self.object("one", text + String(index)), ifRevision: revision)
          revision = try await store.commit(StoreMutation(self.key("one"), change)).revision
        }
      }
      try await write(500)
      let early = try self.bytes(folder)
      try await write(1_500)
      #expect(try await self.rows(store) == 1)
      // The log of what is to be written is folded back at a thousand pages: a bound, whatever the number of writes.
      #expect(try self.bytes(folder) < max(early, 5 << 20) + (1 << 20))
      // Of the past no more is kept than was asked for.
      #expect(!store.history.reaches(back: revision - 51, of: "configmaps"))
      #expect(store.history.reaches(back: revision - 50, of: "configmaps"))
    }
  }

  @Test func objectsThatComeAndGoLeaveNothing() async throws {
    try await self.withFolder { folder in
      let store = try ObjectStore(.directory(folder), historyEvents: 50, seed: []) { _ in }
      defer { store.close() }
      for index in 0..<300 {
        let name = "o\(index)"
        let stored = try await store.commit(StoreMutation(self.key(name), .create(self.object(name, "text"))))
        let change = StoreMutation.Change.remove(self.object(name, "text"), ifRevision: stored.revision)
        _ = try await store.commit(StoreMutation(self.key(name), change))
      }
      #expect(try await self.rows(store) == 0)
      store.close()
      #expect(try self.size("\(folder)/state.sqlite") < 200_000)
    }
  }

  @Test func tenThousandObjectsAreListedWholeAndInPages() async throws {
    let text = String(repeating: "x", count: 2048)
    let count = 10_000
    let store = try ObjectStore(.memory, historyEvents: 100, seed: []) { _ in }
    defer { store.close() }
    try await withThrowingTaskGroup(of: Void.self) { group in
      for index in 0..<count {
        if index >= 256 { try await group.next() }
        group.addTask {
          _ = try await store.commit(StoreMutation(self.key("o\(index)"), .create(self.object("o\(index)", text))))
        }
      }
      try await group.waitForAll()
    }
    var query = StoreQuery(resource: "configmaps")
    let all = try await store.list(query)
    #expect(all.objects.count == count)
    #expect(all.objects.allSatisfy { $0.bytes.count > 2048 && $0.bytes.count < 2400 })
    query.limit = 2_500
    query.countsRemaining = true
    query.revision = all.revision
    var names: [String] = []
    var remaining: [Int64?] = []
    repeat {
      let page = try await store.list(query)
      names += page.objects.map(\.key.name)
      remaining.append(page.remaining)
      query.after = page.hasMore ? page.objects.last.map { ($0.key.namespace, $0.key.name) } : nil
    } while query.after != nil
    #expect(names == all.objects.map(\.key.name))
    #expect(remaining == [7_500, 5_000, 2_500, nil])
  }
}
