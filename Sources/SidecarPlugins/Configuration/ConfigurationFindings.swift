import KubernetesModel
import UmpireModel

/// Gathers what is wrong with a configuration file while it is read.
final class ConfigurationFindings {
  let context: ConfigurationContext
  private(set) var problems: [FieldProblem] = []
  private var opened: [ConfigurationFields] = []

  init(context: ConfigurationContext) { self.context = context }

  /// Remembers an object that is being read.
  func opened(_ fields: ConfigurationFields) { self.opened.append(fields) }

  func error(_ fault: FieldFault) { self.problems.append(FieldProblem(fault, .error)) }

  func warning(_ path: String, _ detail: String) {
    self.problems.append(FieldProblem(FieldFault(field: path, reason: "FieldValueUnused", message: detail), .warning))
  }

  /// Everything, once all has been read: what nobody knows is reported last.
  func finish() -> [FieldProblem] {
    for fields in self.opened { fields.reportUnknown() }
    self.opened = []
    return self.problems
  }
}

/// What the meaning of a configuration depends on beside its text.
package struct ConfigurationContext: Sendable, Hashable {
  /// The sidecar's own environment.
  package var environment: [String: String]
  /// Whether there is an API server.
  package var hasAPIServer: Bool

  /// Describes a sidecar.
  package init(environment: [String: String] = [:], hasAPIServer: Bool) {
    self.environment = environment
    self.hasAPIServer = hasAPIServer
  }
}
