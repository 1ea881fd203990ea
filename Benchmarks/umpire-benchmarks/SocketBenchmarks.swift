import KubernetesClient
import KubernetesModel

/// How fast objects are created through the socket.
enum CreateBenchmark {
  static func run(_ scale: Scale) async throws -> [Figure] {
    var figures: [Figure] = []
    for storage in ServerProcess.Storage.allCases {
      let rate = try await ServerProcess.run(storage) { server in
        let client = server.client
        // Opens the connections, and brings the code into memory.
        try await Load.create(0..<200, client, within: .seconds(30))
        let elapsed = try await ContinuousClock().measure {
          try await Load.each(200..<(200 + scale.created), within: .seconds(120)) { number in
            _ = try await client.create(try Load.object(number))
          }
        }
        return Double(scale.created) / elapsed.inSeconds
      }
      figures.append(Figure(name: "create.\(storage.rawValue)", value: rate, unit: "objects/s"))
    }
    return figures
  }
}

/// What listing every object takes.
enum ListBenchmark {
  private static let repetitions = 5

  static func run(_ scale: Scale) async throws -> [Figure] {
    var figures: [Figure] = []
    for storage in ServerProcess.Storage.allCases {
      figures += try await ServerProcess.run(storage) { server in
        try await Load.create(0..<scale.listed, server.client, within: .seconds(120))
        let name = "list.\(storage.rawValue)"
        let pages = try await Self.measure("\(name).pages", server) {
          let list = try await server.client.list(ConfigMap.self, namespace: Load.namespace)
          guard list.items.count == scale.listed else {
            throw BenchmarkError(description: "\(list.items.count) of \(scale.listed) objects were listed")
          }
        }
        let whole = try await Self.measure("\(name).whole", server) {
          _ = try await server.client.send(.list(ConfigMap.resourceType, namespace: Load.namespace))
        }
        return pages + whole
      }
    }
    return figures
  }

  /// The median time, and the traffic of one repetition.
  private static func measure(
    _ name: String, _ server: ServerProcess, _ body: () async throws -> Void
  ) async throws -> [Figure] {
    let before = server.traffic.count
    var times: [Double] = []
    for _ in 0..<Self.repetitions { times.append(try await ContinuousClock().measure(body).inMilliseconds) }
    let after = server.traffic.count
    let part = 1 / Double(Self.repetitions)
    return [
      Figure(name: "\(name).time", value: times.percentile(0.5), unit: "ms"),
      Figure(name: "\(name).bytes", value: Double(after.bytes - before.bytes) * part, unit: "bytes"),
      Figure(name: "\(name).requests", value: Double(after.requests - before.requests) * part, unit: "requests"),
    ]
  }
}

/// How much memory the server takes.
enum MemoryBenchmark {
  static func run(_ scale: Scale) async throws -> [Figure] {
    var figures: [Figure] = []
    for storage in ServerProcess.Storage.allCases {
      figures += try await ServerProcess.run(storage) { server in
        var figures = try await Self.read("memory.\(storage.rawValue).empty", server)
        var done = 0
        for step in scale.memorySteps {
          try await Load.create(done..<step, server.client, within: .seconds(240))
          done = step
          figures += try await Self.read("memory.\(storage.rawValue).\(step)", server)
        }
        // The first round fills what is kept of history with updates; after the second nothing more may have come.
        for round in 1...2 {
          try await Load.update(0..<done, round: round, server.client, within: .seconds(240))
          figures += try await Self.read("memory.\(storage.rawValue).updated\(round)", server)
        }
        return figures
      }
    }
    return figures
  }

  private static func read(_ name: String, _ server: ServerProcess) async throws -> [Figure] {
    // What is only in flight is not what the objects take.
    try await Task.sleep(for: .seconds(2))
    let memory = try ProcessMemory(of: server.identifier)
    return [
      Figure(name: "\(name).anonymous", value: memory.anonymous, unit: "MiB"),
      Figure(name: "\(name).resident", value: memory.resident, unit: "MiB"),
    ]
  }
}
