import KubernetesClient
import KubernetesModel

/// `http_probe`: asks the game's own endpoints and stores what they say, on the Pod, the Server, or as a metric.
package struct HTTPProbePlugin: SidecarPlugin {
  /// `http_probe`.
  package static let name = "http_probe"
  /// The version.
  package static let version = "1.0.0"

  private let configuration: ProbeConfiguration
  private let surroundings: PluginSurroundings
  private let probes: [EndpointProbe]

  /// Creates the plugin.
  package init(_ configuration: ProbeConfiguration, _ surroundings: PluginSurroundings) {
    self.configuration = configuration
    self.surroundings = surroundings
    self.probes = configuration.endpoints.map { endpoint in
      EndpointProbe(endpoint, interval: configuration.interval, surroundings)
    }
  }

  /// Waits for the start delay, and then asks every endpoint by itself: a slow one delays no other.
  ///
  /// It is ready at once, so that the start delay holds up no other plugin.
  package func run(ready: @escaping @Sendable () -> Void) async throws {
    ready()
    // Only a cancellation ends the pause early, and the probes with it.
    try? await self.surroundings.time.sleep(self.configuration.startDelay)
    await withDiscardingTaskGroup { group in
      for probe in self.probes { group.addTask { await probe.run() } }
    }
  }

  /// The first endpoint that fails, if one does, and what is known of each.
  package var status: PluginHealth {
    let faults = self.probes.compactMap(\.fault)
    let message = faults.first.map { faults.count == 1 ? $0 : "\($0) (and \(faults.count - 1) more)" }
    return PluginHealth(
      message ?? "probing \(self.probes.count) endpoint\(self.probes.count == 1 ? "" : "s")",
      isFailing: message != nil, details: ["endpoints": .array(self.probes.map(\.details))])
  }
}
