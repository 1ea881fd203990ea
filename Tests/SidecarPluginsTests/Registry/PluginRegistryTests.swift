import FoundationEssentials
import KubernetesModel
import Logging
import ServiceLifecycle
import TestSupport
import Testing

@testable import SidecarPlugins

@Suite(.timeLimit(.minutes(1)))
struct PluginRegistryTests {
  /// A registry at work with two plugins on a stage, and a clock of its own.
  struct Scene {
    var registry: PluginRegistry
    var stage: Stage
    var time: ManualTime
    var path: String

    func states() -> [String] { self.registry.statuses.map { "\($0.name) \($0.state.rawValue)" } }
  }

  private static let kinds = [PluginKind(FirstPlugin.self), PluginKind(SecondPlugin.self)]

  private static func file(first: Int = 1, second: Int = 2, policy: String = "Always", orders: (Int, Int) = (0, 1))
    -> String
  {
    """
    plugins:
    - {name: first, bootOrder: \(orders.0), config: {Value: \(first), must: be}}
    - {name: second, bootorder: \(orders.1), config: {value: \(second), must: be}}
    restartPolicy: \(policy)
    """
  }

  private func withRegistry(_ text: String?, _ body: (Scene) async throws -> Void) async throws {
    try await withFolder { folder in
      let (stage, time, path) = (Stage(), ManualTime(), "\(folder)/config.yaml")
      if let text { try put(text, at: path) }
      let registry = PluginRegistry(path: path, kinds: Self.kinds, surroundings: .test(time: time.time))
      try await Play.$stage.withValue(stage) {
        try await withThrowingTaskGroup(of: Void.self) { group in
          group.addTask { try await registry.run() }
          try await body(Scene(registry: registry, stage: stage, time: time, path: path))
          group.cancelAll()
        }
      }
    }
  }

  @Test func pluginsStartInOrderAndTheNextWaitsForTheEarlier() async throws {
    try await withFolder { folder in
      let (stage, path) = (Stage(), "\(folder)/config.yaml")
      stage.hold("second")
      try put(Self.file(orders: (5, -1)), at: path)
      let registry = PluginRegistry(path: path, kinds: Self.kinds, surroundings: .test(time: ManualTime().time))
      try await Play.$stage.withValue(stage) {
        try await withThrowingTaskGroup(of: Void.self) { group in
          group.addTask { try await registry.run() }
          try await eventually("second starts") { stage.events == ["second starts"] }
          #expect(registry.statuses.map(\.state) == [.pending, .starting])
          stage.release("second")
          try await eventually("both run") { registry.statuses.allSatisfy { $0.state == .running } }
          #expect(stage.events == ["second starts", "first starts"])
          group.cancelAll()
        }
      }
    }
  }

  @Test func theNextBeginsWhenTheEarlierFails() async throws {
    try await self.withRegistry(nil) { scene in
      scene.stage.fail("first")
      try put(Self.file(policy: "Never"), at: scene.path)
      try await scene.time.advance(until: "second runs") { scene.states() == ["first Failed", "second Running"] }
      #expect(scene.registry.statuses[0].message == "broken")
      #expect(scene.registry.statuses[0].restarts == 0)
      #expect(scene.registry.statuses[1].message == "value 2")
    }
  }

  @Test func aFaultRestartsThatPluginAloneAfterAPause() async throws {
    try await self.withRegistry(Self.file()) { scene in
      try await eventually("both run") { scene.states() == ["first Running", "second Running"] }
      scene.stage.fail("first")
      try await eventually("first has failed") { scene.states() == ["first Failed", "second Running"] }
      #expect(scene.registry.statuses[0].message == "broken later")
      try await eventually("the pause begins") { scene.time.slept.contains(.seconds(1)) }
      try await scene.time.advance(until: "first runs again") { scene.states() == ["first Running", "second Running"] }
      #expect(scene.registry.statuses.map(\.restarts) == [1, 0])
      #expect(scene.stage.events == ["first starts", "second starts", "first starts"])
    }
  }

  @Test func aValidChangeRestartsExactlyWhatHasChanged() async throws {
    try await self.withRegistry(Self.file()) { scene in
      try await eventually("both run") { scene.states() == ["first Running", "second Running"] }
      try put(Self.file(second: 7, orders: (3, 4)), at: scene.path)
      try await scene.time.advance(until: "second has its new value") {
        scene.registry.statuses.last?.message == "value 7"
      }
      #expect(scene.stage.events == ["first starts", "second starts", "second stops", "second ends", "second starts"])
      #expect(scene.registry.statuses.map(\.restarts) == [0, 0])
    }
  }

  @Test func anInvalidChangeIsShownAndTheOldGoesOn() async throws {
    try await self.withRegistry(Self.file()) { scene in
      try await eventually("both run") { scene.states() == ["first Running", "second Running"] }
      try put("plugins: [{name: first, config: {value: 10}}, {name: frist}]", at: scene.path)
      try await scene.time.advance(until: "the fault is seen") { scene.registry.configuration.state == .invalid }
      #expect(
        scene.registry.configuration.errors == [
          "plugins[first].config.value: Invalid value: 10: must be from 0 to 9",
          "plugins[first].config.must: Required value",
          #"plugins[1].name: Unsupported value: "frist": supported values: "first", "second""#,
        ])
      #expect(scene.states() == ["first Running", "second Running"])
      let document = try JSONValue(parsing: scene.registry.document)
      #expect(document["configuration"]?["state"] == "Invalid")
      #expect(document["plugins"]?[0]?["state"] == "Running")
      #expect(scene.stage.events == ["first starts", "second starts"])
      try put(Self.file(), at: scene.path)
      try await scene.time.advance(until: "the file is mended") { scene.registry.configuration.state == .valid }
      #expect(scene.stage.events == ["first starts", "second starts"])
    }
  }

  @Test func aFileThatComesLaterIsTakenAndOneThatGoesChangesNothing() async throws {
    try await self.withRegistry(nil) { scene in
      #expect(scene.registry.configuration.state == .absent)
      try put(Self.file(), at: scene.path)
      try await scene.time.advance(until: "both run") { scene.states() == ["first Running", "second Running"] }
      try FileManager.default.removeItem(atPath: scene.path)
      try await scene.time.advance(until: "the file is gone") { scene.registry.configuration.state == .absent }
      #expect(scene.states() == ["first Running", "second Running"])
      try put("plugins: []", at: scene.path)
      try await scene.time.advance(until: "no plugin is left") { scene.registry.statuses.isEmpty }
      #expect(scene.stage.events.suffix(4) == ["second stops", "second ends", "first stops", "first ends"])
    }
  }

  @Test func aShutdownStopsAllInReverseOrder() async throws {
    try await withFolder { folder in
      let (stage, path) = (Stage(), "\(folder)/config.yaml")
      try put(Self.file(), at: path)
      let registry = PluginRegistry(path: path, kinds: Self.kinds, surroundings: .test(time: ManualTime().time))
      let services = ServiceGroup(services: [registry], logger: .silent)
      try await Play.$stage.withValue(stage) {
        try await withThrowingTaskGroup(of: Void.self) { group in
          group.addTask { try await services.run() }
          try await eventually("both run") {
            registry.statuses.count == 2 && registry.statuses.allSatisfy { $0.state == .running }
          }
          await services.triggerGracefulShutdown()
          // Its end is no fault, though the group would rather have waited for ever.
          while let result = await group.nextResult() { if case .failure(let error) = result { throw error } }
        }
      }
      #expect(stage.events.suffix(4) == ["second stops", "second ends", "first stops", "first ends"])
      #expect(registry.statuses.map(\.state) == [.stopped, .stopped])
    }
  }
}
