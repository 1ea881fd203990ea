import KubernetesModel
import Testing

@testable import APIServer

struct EventHistoryTests {
  private func event(_ revision: Int64, _ resource: String = "pods") -> StoreEvent {
    let key = StoreKey(resource: resource, namespace: "default", name: "x")
    return StoreEvent(
      kind: .modified, object: StoredObject(key: key, revision: revision, bytes: [], labels: [:], fields: [:]))
  }

  private func revisions(_ page: EventHistory.Page) -> [Int64]? {
    guard case .events(let events, _) = page else { return nil }
    return events.map(\.object.revision)
  }

  @Test func givesWhatCameAfterAVersionInOrder() {
    let history = EventHistory(after: 10, maximumEvents: 100, maximumBytes: 1 << 20)
    history.publish((11...15).map { self.event($0, $0.isMultiple(of: 2) ? "nodes" : "pods") })
    #expect(self.revisions(history.events(after: 10, of: "pods", maximum: 10)) == [11, 13, 15])
    #expect(self.revisions(history.events(after: 13, of: "pods", maximum: 10)) == [15])
    #expect(self.revisions(history.events(after: 15, of: "pods", maximum: 10)) == [])
    #expect(self.revisions(history.events(after: 99, of: "pods", maximum: 10)) == [])
    #expect(self.revisions(history.events(after: 10, of: nil, maximum: 2)) == [11, 12])
    #expect(history.revision == 15)
  }

  @Test func aVersionIsTooOldOnlyOnceAChangeOfThatResourceWasDropped() {
    let history = EventHistory(after: 0, maximumEvents: 3, maximumBytes: 1 << 20)
    history.publish([self.event(1, "nodes"), self.event(2), self.event(3), self.event(4), self.event(5)])
    #expect(self.revisions(history.events(after: 1, of: "pods", maximum: 10)) == nil)
    #expect(self.revisions(history.events(after: 2, of: "pods", maximum: 10)) == [3, 4, 5])
    #expect(self.revisions(history.events(after: 1, of: "nodes", maximum: 10)) == [])
    #expect(self.revisions(history.events(after: 0, of: "nodes", maximum: 10)) == nil)
    #expect(!history.reaches(back: 1, of: "pods"))
  }

  @Test func versionsFromBeforeTheStartAreTooOld() {
    let history = EventHistory(after: 7, maximumEvents: 3, maximumBytes: 1 << 20)
    #expect(self.revisions(history.events(after: 6, of: "pods", maximum: 10)) == nil)
    #expect(self.revisions(history.events(after: 7, of: "pods", maximum: 10)) == [])
  }

  @Test func memoryIsBounded() {
    let history = EventHistory(after: 0, maximumEvents: 1000, maximumBytes: 10_000)
    history.publish((1...100).map { self.event($0) })
    #expect(self.revisions(history.events(after: 85, of: "pods", maximum: 1000))?.count == 15)
    #expect(self.revisions(history.events(after: 50, of: "pods", maximum: 1000)) == nil)
  }

  @Test func waitingEndsWithAChangeACloseOrACancellation() async {
    let history = EventHistory(after: 0, maximumEvents: 10, maximumBytes: 1 << 20)
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await history.waitForChange(of: "pods", after: 0) }
      group.addTask { await history.waitForChange(of: nil, after: 0) }
      history.publish([self.event(1)])
    }
    // A change that is there already is not waited for.
    await history.waitForChange(of: "pods", after: 0)
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await history.waitForChange(of: "pods", after: 1) }
      group.cancelAll()
    }
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await history.waitForChange(of: "pods", after: 1) }
      history.close()
    }
    guard case .closed = history.events(after: 1, of: "pods", maximum: 1) else {
      Issue.record("a closed history must say so")
      return
    }
  }
}

struct CommitQueueTests {
  private func commit() -> PendingCommit {
    let key = StoreKey(resource: "pods", namespace: "default", name: "x")
    return PendingCommit(mutation: StoreMutation(key, .create(APIObject([:])))) { _ in }
  }

  @Test func changesThatArriveTogetherShareATransaction() {
    var queue = CommitQueue(revision: 3)
    #expect(queue.add(self.commit()) == .startDraining)
    #expect(queue.add(self.commit()) == .wait)
    let batch = queue.takeBatch()
    #expect(batch?.commits.count == 2)
    #expect(batch?.revision == 3)
    #expect(queue.add(self.commit()) == .wait)
    queue.committed(revision: 5)
    #expect(queue.takeBatch()?.revision == 5)
    #expect(queue.takeBatch() == nil)
    #expect(queue.add(self.commit()) == .startDraining)
  }

  @Test func batchesAreBoundedAndAClosedQueueRefuses() {
    var queue = CommitQueue(revision: 0)
    for _ in 0..<300 { _ = queue.add(self.commit()) }
    #expect(queue.takeBatch()?.commits.count == CommitQueue.maximumBatch)
    #expect(queue.close().count == 300 - CommitQueue.maximumBatch)
    #expect(queue.add(self.commit()) == .refuse)
  }
}
