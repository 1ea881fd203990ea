package import KubernetesModel

/// How one plugin fares, for people and programs.
package struct PluginStatus: Sendable, Hashable {
  /// The plugin's name.
  package var name: String
  /// The plugin's version.
  package var version: String
  /// Where it is in its life.
  package var state: PluginState
  /// One sentence for a person; may be empty.
  package var message: String
  /// How often it was started again.
  package var restarts: Int
  /// When it came into its state.
  package var since: Timestamp
  /// What the plugin says beyond that; null for nothing.
  package var details: JSONValue

  init(name: String, version: String, life: PluginLife) {
    self.name = name
    self.version = version
    self.state = life.state
    self.message = life.message
    self.restarts = life.restarts
    self.since = life.since
    self.details = .null
  }

  /// The status as an object of `/plugins`.
  var json: JSONValue {
    var json: JSONValue = [
      "name": .string(self.name), "version": .string(self.version), "state": .string(self.state.rawValue),
      "message": .string(self.message), "restarts": .integer(Int64(self.restarts)),
      "since": .string(self.since.description),
    ]
    if !self.details.isNull { json["details"] = self.details }
    return json
  }
}

/// What became of the configuration file.
package struct ConfigurationReport: Sendable, Hashable {
  /// Whether it is used.
  package var state: State
  /// What is wrong with it, one sentence each.
  package var errors: [String]
  /// What is unwise about it, one sentence each.
  package var warnings: [String]

  /// Whether the file is used.
  package enum State: String, Sendable, Hashable {
    /// There is no file; what ran goes on.
    case absent = "Absent"
    /// The plugins run as the file says.
    case valid = "Valid"
    /// The file is not used; what ran goes on.
    case invalid = "Invalid"
  }

  /// The report as an object of `/plugins`.
  var json: JSONValue {
    [
      "state": .string(self.state.rawValue), "errors": .array(self.errors.map(JSONValue.string)),
      "warnings": .array(self.warnings.map(JSONValue.string)),
    ]
  }
}
