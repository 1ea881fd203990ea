import HTTPTransport
import KubernetesModel
import KubernetesRuntime
import Synchronization

/// One watch, whose events pass through the hands of the simulation.
final class WatchLine: Sendable {
  enum Interruption: Sendable {
    case broken
    case expired
    case bookmark(Int64)
  }

  private struct State {
    var interruptions: [Interruption] = []
    /// What has come from the server and is not handed on yet.
    var chunk: [UInt8]?
    /// The number of events when it came, if it is held back.
    var heldSince: Int?
    var isOver = false
  }

  /// What is watched.
  let collection: String
  private let body: ResponseBody
  private let state = Mutex(State())
  private let wake = AsyncSignal()

  init(_ body: ResponseBody, collection: String) {
    self.body = body
    self.collection = collection
  }

  var heldSince: Int? { self.state.withLock { $0.heldSince } }

  func interrupt(_ interruption: Interruption) {
    self.state.withLock { $0.interruptions.append(interruption) }
    self.wake.notify()
  }

  /// Hands on what has been held back since so many events or fewer.
  func release(heldSince limit: Int) {
    let isReleased = self.state.withLock { state in
      guard let since = state.heldSince, since <= limit else { return false }
      state.heldSince = nil
      return true
    }
    if isReleased { self.wake.notify() }
  }

  private enum Step {
    case give([UInt8]?)
    case fail(TransportError)
    case wait
    case pull
  }

  /// The next bytes; nil at the end.
  ///
  /// - Parameter hold: the number of events at which to hold back what comes; nil for not at all.
  func next(hold: @escaping @Sendable () -> Int?) async throws -> [UInt8]? {
    while true {
      try Task.checkCancellation()
      switch self.state.withLock({ Self.step(&$0) }) {
      case .give(let bytes): return bytes
      case .fail(let error): throw error
      case .wait: await self.wake.wait()
      case .pull: await self.pull(hold)
      }
    }
  }

  private static func step(_ state: inout State) -> Step {
    if let interruption = state.interruptions.first {
      state.interruptions.removeFirst()
      switch interruption {
      case .broken:
        return .fail(TransportError(.connectionBroken, "the simulation breaks the watch", progress: .answerBegun))
      case .expired:
        state.isOver = true
        state.chunk = nil
        return .give(Self.frame("ERROR", SimulatedWatches.expiredStatus))
      case .bookmark(let revision):
        // What is on its way comes first, and then the bookmark says nothing.
        if state.chunk != nil { break }
        return .give(
          Self.frame("BOOKMARK", ["metadata": ["resourceVersion": .string(String(revision))]]))
      }
    }
    if state.chunk != nil, state.heldSince != nil { return .wait }
    if let chunk = state.chunk {
      state.chunk = nil
      return .give(chunk)
    }
    return state.isOver ? .give(nil) : .pull
  }

  /// Waits for bytes from the server, or to be woken.
  private func pull(_ hold: @escaping @Sendable () -> Int?) async {
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await self.receive(hold) }
      group.addTask { await self.wake.wait() }
      await group.next()
      group.cancelAll()
    }
  }

  private func receive(_ hold: @Sendable () -> Int?) async {
    // An iterator has no state of its own.
    var iterator = self.body.makeAsyncIterator()
    do {
      let chunk = try await iterator.next()
      let since = hold()
      self.state.withLock { state in
        state.chunk = chunk
        state.heldSince = chunk == nil ? nil : since
        if chunk == nil { state.isOver = true }
      }
    } catch is CancellationError {
      // Nothing was received, and the next call goes on from there.
    } catch {
      self.state.withLock { $0.isOver = true }
    }
  }

  private static func frame(_ type: String, _ object: JSONValue) -> [UInt8] {
    (["type": .string(type), "object": object] as JSONValue).serialized() + [0x0A]
  }
}
