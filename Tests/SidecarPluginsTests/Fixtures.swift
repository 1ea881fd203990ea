import FoundationEssentials
import HTTPTransport
import KubernetesClient
import KubernetesModel
import Logging
import Metrics
import TestSupport
import Testing
import UmpireModel

@testable import SidecarPlugins

extension Logger {
  /// A logger that drops everything.
  static let silent = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
}

extension PluginIdentity {
  /// Whose sidecar the tests play.
  static let arena = PluginIdentity(server: ObjectKey(namespace: "games", name: "arena-1"))
}

extension PluginSurroundings {
  /// Surroundings of a test; nothing answers.
  static func test(
    _ transport: any ClientTransport = ScriptedTransport { _, _ in .failure(TransportError(.connect, "nobody is there"))
    },
    environment: [String: String] = [:], time: ClientTime = ClientTime()
  ) -> PluginSurroundings {
    var surroundings = PluginSurroundings(
      transport: transport, environment: environment, logger: .silent, metricsFactory: NOOPMetricsHandler.instance)
    surroundings.host = "127.0.0.1"
    surroundings.time = time
    return surroundings
  }
}

/// Reads the configuration of one plugin, and says all that is wrong or unwise, one line each.
func reading<Plugin: SidecarPlugin>(
  _ type: Plugin.Type, _ yaml: String, environment: [String: String] = [:], hasAPIServer: Bool = true
) throws -> (configuration: Plugin.Configuration, errors: [String], warnings: [String]) {
  let json = try ConfigurationText.read(Array(yaml.utf8)) ?? [:]
  let findings = ConfigurationFindings(
    context: ConfigurationContext(environment: environment, hasAPIServer: hasAPIServer))
  let configuration = Plugin.Configuration(
    ConfigurationFields(try #require(json.objectValue), path: "config", findings: findings))
  let problems = findings.finish()
  return (configuration, problems.errors.map(\.description), problems.warnings.map(\.description))
}

/// Replaces a file in one step.
func put(_ text: String, at path: String) throws {
  try Data(text.utf8).write(to: URL(filePath: path), options: .atomic)
}
