/// A kind of plugin that the registry knows.
package struct PluginKind: Sendable {
  /// The name that the configuration file uses.
  package let name: String
  /// Its version.
  package let version: String
  private let reading: @Sendable (ConfigurationFields) -> PreparedPlugin

  /// Describes a plugin's type.
  package init<Plugin: SidecarPlugin>(_ type: Plugin.Type) {
    self.name = Plugin.name
    self.version = Plugin.version
    self.reading = { fields in
      let configuration = Plugin.Configuration(fields)
      return PreparedPlugin(
        name: Plugin.name, version: Plugin.version, configuration: configuration,
        make: { Plugin(configuration, $0) }, isSame: { $0 as? Plugin.Configuration == configuration })
    }
  }

  /// Reads a plugin's configuration; what is wrong with it is reported to `fields`.
  func prepare(_ fields: ConfigurationFields) -> PreparedPlugin { self.reading(fields) }
}

/// A plugin whose configuration has been read.
struct PreparedPlugin: Sendable {
  let name: String
  let version: String
  let configuration: any PluginConfiguration
  /// Makes the plugin, once for every start.
  let make: @Sendable (PluginSurroundings) -> any SidecarPlugin
  private let isSame: @Sendable (any PluginConfiguration) -> Bool
  /// Plugins with a lower one are started before it.
  var bootOrder = 0

  init(
    name: String, version: String, configuration: any PluginConfiguration,
    make: @escaping @Sendable (PluginSurroundings) -> any SidecarPlugin,
    isSame: @escaping @Sendable (any PluginConfiguration) -> Bool
  ) {
    self.name = name
    self.version = version
    self.configuration = configuration
    self.make = make
    self.isSame = isSame
  }

  /// Whether it runs just as the other one does; the order of starting says nothing about that.
  func isSame(as other: PreparedPlugin) -> Bool {
    self.name == other.name && self.isSame(other.configuration)
  }
}
