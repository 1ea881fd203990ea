import KubernetesClient
import KubernetesModel
import Synchronization

/// What the writers of a test were promised: for every ConfigMap what the last acknowledged write made of it, and what a
/// write may have made of it that was not answered.
final class WriteLedger: Sendable {
  enum Content: Sendable, Hashable {
    case absent
    case number(Int)
  }

  private struct State {
    var acknowledged: [String: Content] = [:]
    var attempted: [String: Content] = [:]
    var counts: [String: Int] = [:]
    var count = 0
  }
  private let state = Mutex(State())

  /// How many writes of each sort were acknowledged.
  var counts: [String: Int] { self.state.withLock { $0.counts } }

  /// Creates, changes and deletes the ConfigMaps of one writer at random until a write fails.
  ///
  /// `onAcknowledge` is told how many writes of all writers have been acknowledged.
  func write(_ writer: Int, with client: APIClient, onAcknowledge: (Int) -> Void) async throws {
    for number in 1... {
      let name = "map-\(writer)-\(Int.random(in: 0..<6))"
      let map = ConfigMap(metadata: ObjectMeta(name: name, namespace: "default"), data: ["n": "\(number)"])
      let isThere = self.state.withLock { $0.acknowledged[name] ?? .absent } != .absent
      let verb = isThere ? (Int.random(in: 0..<3) == 0 ? "delete" : "update") : "create"
      self.state.withLock { $0.attempted[name] = verb == "delete" ? .absent : .number(number) }
      switch verb {
      case "create": _ = try await client.create(map)
      case "update": _ = try await client.replace(map)
      default: try await client.delete(ConfigMap.self, ObjectKey(namespace: "default", name: name))
      }
      onAcknowledge(
        self.state.withLock { state in
          state.acknowledged[name] = state.attempted.removeValue(forKey: name)
          state.counts[verb, default: 0] += 1
          state.count += 1
          return state.count
        })
    }
  }

  /// The ConfigMaps that are not as they were promised to be; what is there is what counts from now on.
  func differences(from found: [ConfigMap]) -> [String] {
    var contents: [String: Content] = [:]
    for map in found {
      guard let name = map.metadata.name, let number = map.data?["n"].flatMap({ Int($0) }) else { continue }
      contents[name] = .number(number)
    }
    return self.state.withLock { state in
      let names = Set(state.acknowledged.keys).union(state.attempted.keys).union(contents.keys)
      let differences = names.sorted().compactMap { name -> String? in
        let content = contents[name] ?? .absent
        let promised = state.acknowledged[name] ?? .absent
        guard content != promised, content != state.attempted[name] else { return nil }
        return "\(name): \(content) instead of \(promised)"
      }
      state.acknowledged = contents
      state.attempted = [:]
      return differences
    }
  }
}
