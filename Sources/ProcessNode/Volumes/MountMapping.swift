package import KubernetesModel

/// Puts the folders of volumes in the place of the paths at which a container has mounted them.
///
/// Containers of a local node are processes that see the machine's own files: nothing is mounted. So each path below a
/// `mountPath` is rewritten before the process starts, wherever it is told to the process: in `command`, `args`,
/// `workingDir` and the values of `env`. A path is seen
///
/// - at the beginning of a text: `/etc/game/config.yaml`;
/// - behind a `=`: `--config=/etc/game/config.yaml`;
/// - in each element of a list with colons: `/etc/game:/usr/share/game`.
///
/// It must be absolute, and the `mountPath` itself or beneath it; of several the longest counts. Nothing else is changed:
/// paths in the middle of a sentence such as a shell's script, in files, or in a program's own code stay as they are.
/// Files behind a mount that is `readOnly` can be written all the same.
package struct MountMapping: Sendable {
  /// One mount and what stands behind it.
  package struct Mount: Sendable, Hashable {
    /// The absolute path in the container.
    package var path: String
    /// The folder, or file, on this machine.
    package var target: String

    /// Creates a mount.
    package init(path: String, target: String) {
      self.path = path
      self.target = target
    }
  }

  private let mounts: [(components: [Substring], target: String)]

  /// Creates a mapping; the order of the mounts does not matter.
  package init(_ mounts: [Mount] = []) {
    self.mounts = mounts.map { (Self.components(of: $0.path[...]), $0.target) }
      .sorted { $0.components.count > $1.components.count }
  }

  /// A text with every path replaced that lies behind a mount.
  package func map(_ text: String) -> String {
    guard !self.mounts.isEmpty, text.utf8.contains(UInt8(ascii: "/")) else { return text }
    return text.split(separator: ":", omittingEmptySubsequences: false).map(self.mapElement).joined(separator: ":")
  }

  /// A container whose command, arguments and working folder speak of this machine.
  ///
  /// - Parameter environment: The container's variables as it would see them; they are expanded in command and arguments
  ///   before any path is looked for.
  package func map(_ container: Container, environment: [String: String]) -> Container {
    var container = container
    container.command = container.command.map { self.map(VariableExpansion.expand($0, with: environment)) }
    container.args = container.args.map { self.map(VariableExpansion.expand($0, with: environment)) }
    container.workingDirectory = container.workingDirectory.map(self.map)
    return container
  }

  /// The variables with the paths replaced in those that the Pod itself gives the container.
  ///
  /// What the node adds speaks of this machine already.
  package func map(_ environment: [String: String], of container: Container) -> [String: String] {
    let own = Set(container.environment.map(\.name)).subtracting([EnvironmentBuilder.stateMarker])
    return environment.reduce(into: environment) { result, variable in
      if own.contains(variable.key) { result[variable.key] = self.map(variable.value) }
    }
  }

  private func mapElement(_ element: Substring) -> String {
    var start = element.startIndex
    while true {
      let path = element[start...]
      if let mapped = self.mapPath(path) { return element[..<start] + mapped }
      guard let equals = path.firstIndex(of: "=") else { return String(element) }
      start = element.index(after: equals)
    }
  }

  /// A path that lies behind a mount, on this machine; nil for any other.
  private func mapPath(_ path: Substring) -> String? {
    // Two slashes begin the host of a URL.
    guard path.hasPrefix("/"), !path.hasPrefix("//") else { return nil }
    let components = Self.components(of: path)
    guard let mount = self.mounts.first(where: { components.starts(with: $0.components) }) else { return nil }
    let rest = components.dropFirst(mount.components.count)
    return ([mount.target[...]] + rest).joined(separator: "/") + (path.hasSuffix("/") ? "/" : "")
  }

  /// The names that a path leads through; those that it leaves again do not count.
  static func components(of path: Substring) -> [Substring] {
    path.split(separator: "/").reduce(into: []) { components, name in
      switch name {
      case ".": ()
      case "..": _ = components.popLast()
      default: components.append(name)
      }
    }
  }
}
