import KubernetesClient
import KubernetesModel

/// What the benchmarks write: ConfigMaps whose JSON has 2 KiB.
enum Load {
  static let namespace = "default"
  static let clients = 16
  private static let bytes = 2048

  static func object(_ number: Int, version: Int = 0) throws -> ConfigMap {
    let metadata = ObjectMeta(name: "load-\(number)", namespace: Self.namespace)
    let start = "\(version) "
    var object = ConfigMap(metadata: metadata, data: ["text": start])
    let missing = max(0, Self.bytes - (try APIClient.encode(object).count))
    let letters = (0..<missing).map { UInt8(97 + (number &+ version &+ $0 &* $0) % 26) }
    object.data = ["text": start + String(decoding: letters, as: UTF8.self)]
    return object
  }

  static func create(_ range: Range<Int>, _ client: APIClient, within limit: Duration) async throws {
    try await Self.each(range, within: limit) { number in
      let body = try APIClient.encode(try Self.object(number))
      _ = try await client.send(.create(ConfigMap.resourceType, namespace: Self.namespace, body: body))
    }
  }

  static func update(_ range: Range<Int>, round: Int, _ client: APIClient, within limit: Duration) async throws {
    try await Self.each(range, within: limit) { number in
      let body = try APIClient.encode(try Self.object(number, version: round))
      let key = ObjectKey(namespace: Self.namespace, name: "load-\(number)")
      _ = try await client.send(.replace(ConfigMap.resourceType, key, body: body))
    }
  }

  /// Calls `body` with each number of the range, from as many tasks as there are clients.
  ///
  /// - Throws: ``BenchmarkError`` if the time was not enough.
  static func each(
    _ range: Range<Int>, within limit: Duration, _ body: @escaping @Sendable (Int) async throws -> Void
  ) async throws {
    let deadline = ContinuousClock.now + limit
    try await withThrowingTaskGroup(of: Void.self) { group in
      for client in 0..<Self.clients {
        group.addTask {
          for number in stride(from: range.lowerBound + client, to: range.upperBound, by: Self.clients) {
            guard ContinuousClock.now < deadline else {
              throw BenchmarkError(
                description: "about \(number - range.lowerBound) of \(range.count) writes were done in \(limit)")
            }
            try await body(number)
          }
        }
      }
      try await group.waitForAll()
    }
  }
}
