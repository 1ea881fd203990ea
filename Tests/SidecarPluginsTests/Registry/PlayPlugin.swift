import KubernetesModel
import Synchronization

@testable import SidecarPlugins

/// What the plugins of a test have done, and what they are told to do.
final class Stage: Sendable {
  private struct State {
    var events: [String] = []
    var held: Set<String> = []
    var failing: Set<String> = []
  }
  private let state = Mutex(State())

  var events: [String] { self.state.withLock { $0.events } }
  func note(_ event: String) { self.state.withLock { $0.events.append(event) } }
  func hold(_ name: String) { self.state.withLock { _ = $0.held.insert(name) } }
  func release(_ name: String) { self.state.withLock { _ = $0.held.remove(name) } }
  func isHeld(_ name: String) -> Bool { self.state.withLock { $0.held.contains(name) } }
  func fail(_ name: String) { self.state.withLock { _ = $0.failing.insert(name) } }
  func takeFailure(_ name: String) -> Bool { self.state.withLock { $0.failing.remove(name) != nil } }
}

/// The registry's plugins for a test: they tell the stage what happens to them.
enum Play {
  @TaskLocal static var stage = Stage()

  struct Configuration: PluginConfiguration {
    var value: Int
    init(_ fields: ConfigurationFields) {
      self.value = fields.integer("value", default: 0, in: 0...9)
      if fields.requiredText("must") == "secret" { fields.refuseSecret("must", "must be another") }
    }
  }

  struct Failure: Error, CustomStringConvertible { var description: String }
}

/// Stands for any plugin.
protocol PlayPlugin: SidecarPlugin where Configuration == Play.Configuration {
  var stage: Stage { get }
  var configuration: Play.Configuration { get }
}

extension PlayPlugin {
  static var version: String { "1.0" }
  var status: PluginHealth { PluginHealth("value \(self.configuration.value)") }

  func run(ready: @escaping @Sendable () -> Void) async throws {
    self.stage.note("\(Self.name) starts")
    while self.stage.isHeld(Self.name) { try await Task.sleep(for: .milliseconds(2)) }
    if self.stage.takeFailure(Self.name) { throw Play.Failure(description: "broken") }
    ready()
    while !Task.isCancelled {
      if self.stage.takeFailure(Self.name) { throw Play.Failure(description: "broken later") }
      do { try await Task.sleep(for: .milliseconds(2)) } catch { break }
    }
    self.stage.note("\(Self.name) ends")
  }

  func stop() async { self.stage.note("\(Self.name) stops") }
}

struct FirstPlugin: PlayPlugin {
  static let name = "first"
  let configuration: Play.Configuration
  let stage: Stage
  init(_ configuration: Play.Configuration, _ surroundings: PluginSurroundings) {
    self.configuration = configuration
    self.stage = Play.stage
  }
}

struct SecondPlugin: PlayPlugin {
  static let name = "second"
  let configuration: Play.Configuration
  let stage: Stage
  init(_ configuration: Play.Configuration, _ surroundings: PluginSurroundings) {
    self.configuration = configuration
    self.stage = Play.stage
  }
}
