package import KubernetesModel
import UmpireModel

/// What the configuration file says: which plugins run, and how they are started again.
struct PluginFile: Sendable {
  var plugins: [PreparedPlugin]
  var restartPolicy: RestartPolicy
  /// What a person should know, one sentence each.
  var warnings: [FieldFault]

  /// Plugins that a file may name.
  static let mostPlugins = 32

  /// No plugin at all.
  static let empty = PluginFile(plugins: [], restartPolicy: .always, warnings: [])

  /// Reads a whole file.
  ///
  /// - Throws: ``PluginConfigurationError`` with everything that is wrong with any plugin.
  static func read(
    _ bytes: [UInt8], kinds: [PluginKind], context: ConfigurationContext
  ) throws(PluginConfigurationError) -> PluginFile {
    let json: JSONValue?
    do throws(FieldFault) {
      json = try ConfigurationText.read(bytes)
    } catch {
      throw PluginConfigurationError([error])
    }
    guard let json else { return .empty }
    guard let fields = json.objectValue else {
      throw PluginConfigurationError([
        FieldFault(field: "", reason: "FieldValueTypeInvalid", message: "the configuration must be an object")
      ])
    }
    let findings = ConfigurationFindings(context: context)
    let root = ConfigurationFields(fields, path: "", findings: findings)
    let plugins = Self.plugins(root, kinds, findings)
    let policy = root.choice("restartpolicy", of: RestartPolicy.self) ?? .always
    root.ignore("resources", "the Server's spec.sidecar.resources says what the sidecar may use")
    root.ignore("sidecarstartorder", "the Server's spec.sidecar.startOrder says when the sidecar starts")
    let problems = findings.finish()
    guard problems.errors.isEmpty else { throw PluginConfigurationError(problems.errors) }
    return PluginFile(plugins: plugins, restartPolicy: policy, warnings: problems.warnings)
  }

  private static func plugins(
    _ root: ConfigurationFields, _ kinds: [PluginKind], _ findings: ConfigurationFindings
  ) -> [PreparedPlugin] {
    var plugins: [PreparedPlugin] = []
    for entry in root.objects("plugins", atMost: Self.mostPlugins) {
      let name = entry.requiredText("name")
      let order = entry.integer("bootorder", default: 0, in: -1_000_000...1_000_000)
      let content = entry.value("config")
      guard !name.isEmpty else { continue }
      guard let kind = kinds.first(where: { $0.name == name }) else {
        findings.error(
          .notSupported("\(entry.path).name", .string(name), kinds.map { .string($0.name) }))
        continue
      }
      let path = "plugins[\(name)].config"
      guard !plugins.contains(where: { $0.name == name }) else {
        findings.error(.duplicate("\(entry.path).name", .string(name)))
        continue
      }
      guard let fields = (content ?? [:]).objectValue else {
        findings.error(.type(path, content ?? .null, "must be an object"))
        continue
      }
      var plugin = kind.prepare(ConfigurationFields(fields, path: path, findings: findings))
      plugin.bootOrder = order
      plugins.append(plugin)
    }
    return plugins
  }
}

/// Whether a plugin that has ended is started again.
package enum RestartPolicy: String, Sendable, Hashable, CaseIterable {
  /// However it ended.
  case always = "Always"
  /// If it failed.
  case onFailure = "OnFailure"
  /// Never.
  case never = "Never"
}

/// Everything that is wrong with a configuration file.
package struct PluginConfigurationError: Error, Sendable, Hashable, CustomStringConvertible {
  /// One for each fault, with its place and value.
  package var faults: [FieldFault]

  init(_ faults: [FieldFault]) { self.faults = faults }

  /// All of them in one line.
  package var description: String { FieldFault.summary(of: self.faults) }
}
