import HTTPTransport
import KubernetesModel
import Synchronization

/// One watch: frames as lines of JSON, pulled by the reader.
///
/// Nothing is buffered for a slow reader but its place in the history. One that falls behind what the history keeps gets
/// an `Expired` error, as from the real server, and lists anew.
final class WatchSession: Sendable {
  /// How many objects or changes are sent in one go.
  private static let pageSize = 64

  private let store: ObjectStore
  private let query: StoreQuery
  private let presenter: Presenter
  private let deadline: ContinuousClock.Instant?
  private let bookmarkInterval: Duration?
  private let state: Mutex<State>

  private struct State {
    /// Whether objects that the watch begins with, as they were at `position`, are still to be sent.
    var hasInitial: Bool
    /// The last of them that was sent; nil before the first.
    var lastInitial: StoreKey?
    /// Whether a bookmark marks the end of the initial objects.
    var marksEndOfInitial: Bool
    /// The revision up to which everything has been sent.
    var position: Int64
    var nextBookmark: ContinuousClock.Instant?
    var hasSentColumns = false
    var isFinished = false
  }

  /// Creates a watch that sends the objects as they were at `position`, if it begins with them, and then every change
  /// after `position`.
  init(
    store: ObjectStore, query: StoreQuery, presenter: Presenter, options: ListOptions, beginsWithObjects: Bool,
    marksEndOfInitial: Bool, position: Int64, bookmarkInterval: Duration
  ) {
    let now = ContinuousClock.now
    self.store = store
    self.query = query
    self.presenter = presenter
    self.deadline = options.timeout.map { now.advanced(by: $0) }
    self.bookmarkInterval = options.allowsBookmarks ? bookmarkInterval : nil
    self.state = Mutex(
      State(
        hasInitial: beginsWithObjects, marksEndOfInitial: marksEndOfInitial, position: position,
        nextBookmark: options.allowsBookmarks ? now.advanced(by: bookmarkInterval) : nil))
  }

  /// The frames as a body.
  var body: ResponseBody { ResponseBody { try await self.next() } }

  /// The next frames; nil once the watch is over.
  func next() async throws -> [UInt8]? {
    while true {
      try Task.checkCancellation()
      var state = self.state.withLock { $0 }
      guard !state.isFinished else { return nil }
      let frames =
        state.hasInitial ? try await self.initialFrames(&state) : try self.pendingFrames(&state)
      self.state.withLock { $0 = state }
      if !frames.isEmpty { return frames }
      if state.isFinished { return nil }
      await self.wait(state)
    }
  }

  /// The next objects that the watch begins with, read only now that the reader wants them.
  private func initialFrames(_ state: inout State) async throws -> [UInt8] {
    var query = self.query
    query.revision = state.position
    query.limit = Self.pageSize
    query.after = state.lastInitial.map { ($0.namespace, $0.name) }
    do {
      let listing = try await self.store.list(query)
      var frames: [UInt8] = []
      for object in listing.objects { try self.append(.added, object, &state, to: &frames) }
      state.hasInitial = listing.hasMore
      state.lastInitial = listing.objects.last?.key
      return frames.isEmpty ? try self.pendingFrames(&state) : frames
    } catch StoreError.closed {
      state.isFinished = true
      return []
    } catch StoreError.expired {
      state.isFinished = true
      return self.frame("ERROR", Self.expired.status.serialized())
    }
  }

  /// What can be sent at once.
  private func pendingFrames(_ state: inout State) throws -> [UInt8] {
    var frames: [UInt8] = []
    if state.marksEndOfInitial {
      state.marksEndOfInitial = false
      return try self.bookmark(state, annotations: ["k8s.io/initial-events-end": "true"])
    }
    switch self.store.history.events(after: state.position, of: self.query.resource, maximum: Self.pageSize) {
    case .closed: state.isFinished = true
    case .expired:
      state.isFinished = true
      return self.frame("ERROR", Self.expired.status.serialized())
    case .events(let events, let position):
      for event in events { try self.append(event, &state, to: &frames) }
      state.position = position
    }
    guard frames.isEmpty, !state.isFinished else { return frames }
    let now = ContinuousClock.now
    if let deadline = self.deadline, now >= deadline {
      state.isFinished = true
    } else if let due = state.nextBookmark, now >= due, let interval = self.bookmarkInterval {
      state.nextBookmark = now.advanced(by: interval)
      return try self.bookmark(state, annotations: nil)
    }
    return frames
  }

  /// Waits for a change, the next bookmark or the end, whichever comes first.
  private func wait(_ state: State) async {
    let wake = [self.deadline, state.nextBookmark].compactMap { $0 }.min()
    guard let wake else {
      return await self.store.history.waitForChange(of: self.query.resource, after: state.position)
    }
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await self.store.history.waitForChange(of: self.query.resource, after: state.position) }
      group.addTask {
        // Only ever ends early because the other child was first, or the reader has gone.
        try? await Task.sleep(until: wake, clock: .continuous)
      }
      await group.next()
      group.cancelAll()
    }
  }

  /// Appends a change as this watch's selectors see it: an object that begins to match was added, one that no longer
  /// does was deleted.
  private func append(_ event: StoreEvent, _ state: inout State, to frames: inout [UInt8]) throws {
    let matches = self.query.matches(event.object)
    switch event.kind {
    case .added:
      if matches { try self.append(.added, event.object, &state, to: &frames) }
    case .deleted:
      // Judged by what it last was, as the watch has seen it only if that matched.
      let last = event.previous ?? event.object
      if self.query.matches(last) { try self.append(.deleted, event.object, &state, to: &frames) }
    case .modified:
      let matched = event.previous.map(self.query.matches) ?? false
      switch (matched, matches) {
      case (false, false): ()
      case (false, true): try self.append(.added, event.object, &state, to: &frames)
      case (true, true): try self.append(.modified, event.object, &state, to: &frames)
      case (true, false):
        guard var last = event.previous else { return }
        var object = try last.decoded()
        object.resourceVersion = String(event.object.revision)
        last.bytes = object.json.serialized()
        last.revision = event.object.revision
        try self.append(.deleted, last, &state, to: &frames)
      }
    }
  }

  private func append(
    _ kind: StoreEvent.Kind, _ object: StoredObject, _ state: inout State, to frames: inout [UInt8]
  ) throws {
    let type =
      switch kind {
      case .added: "ADDED"
      case .modified: "MODIFIED"
      case .deleted: "DELETED"
      }
    guard self.presenter.presentation == .table else {
      frames += self.frame(type, try self.presenter.bytes(object))
      return
    }
    let table = self.presenter.json(try self.presenter.object(object), withColumns: !state.hasSentColumns)
    state.hasSentColumns = true
    frames += self.frame(type, table.serialized())
  }

  private func bookmark(_ state: State, annotations: JSONValue?) throws -> [UInt8] {
    var object = APIObject([
      "apiVersion": .string(self.presenter.resource.apiVersion), "kind": .string(self.presenter.resource.kind),
      "metadata": ["resourceVersion": .string(String(state.position))],
    ])
    object[metadata: "annotations"] = annotations
    guard self.presenter.presentation == .object else {
      return self.frame("BOOKMARK", self.presenter.json(object, withColumns: false).serialized())
    }
    return self.frame("BOOKMARK", object.json.serialized())
  }

  private func frame(_ type: String, _ object: [UInt8]) -> [UInt8] {
    Array("{\"type\":\"\(type)\",\"object\":".utf8) + object + Array("}\n".utf8)
  }

  static let expired = APIFailure.expired("too old resource version")
}
