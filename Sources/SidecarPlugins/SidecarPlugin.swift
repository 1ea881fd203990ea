package import KubernetesModel

/// Something that a studio switches on in the sidecar by naming it in the sidecar's `config.yaml`.
///
/// A plugin is made anew for every start, after a fault as after a change of its configuration. What it throws is its
/// own matter: the ``PluginRegistry`` reports it and starts the plugin again as `restartpolicy` says, and no other
/// plugin notices.
package protocol SidecarPlugin: Sendable {
  /// What is read from `config`.
  associatedtype Configuration: PluginConfiguration

  /// The name that the configuration file uses.
  static var name: String { get }

  /// The version of the plugin, for people.
  static var version: String { get }

  /// Creates the plugin, which does nothing until ``run(ready:)`` is called.
  ///
  /// - Parameters:
  ///   - configuration: read without a fault.
  ///   - surroundings: what the sidecar lends.
  init(_ configuration: Configuration, _ surroundings: PluginSurroundings)

  /// Works until the task is cancelled, and then ends at once.
  ///
  /// - Parameter ready: to be called once the plugin does what it is for; plugins with a higher `bootorder` wait for it.
  /// - Throws: what keeps the plugin from working. It is shown to people, so it has no secret in it.
  func run(ready: @escaping @Sendable () -> Void) async throws

  /// Ends what wants to be ended in order; called once, while ``run(ready:)`` still works, which is cancelled after it.
  ///
  /// It has a second.
  func stop() async

  /// How the plugin fares.
  var status: PluginHealth { get }
}

extension SidecarPlugin {
  /// Leaves it to the cancellation.
  package func stop() async {}
}

/// What a plugin says of itself while it runs.
package struct PluginHealth: Sendable, Hashable {
  /// One sentence for a person; never a secret.
  package var message: String
  /// Whether it runs and cannot do what it is for; the plugin then counts as failed, and goes on.
  package var isFailing: Bool
  /// Anything more, as a JSON object; null for nothing.
  package var details: JSONValue

  /// Describes a plugin that runs.
  package init(_ message: String = "", isFailing: Bool = false, details: JSONValue = .null) {
    self.message = message
    self.isFailing = isFailing
    self.details = details
  }
}

/// What a plugin reads from its `config`.
package protocol PluginConfiguration: Sendable, Equatable {
  /// Reads every field and reports all that is wrong to `fields`.
  ///
  /// A value that is wrong is replaced by any other: the configuration is not used then.
  init(_ fields: ConfigurationFields)
}
