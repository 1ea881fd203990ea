import KubernetesModel

/// A volume's place in a container.
struct ContainerMount: Sendable, Hashable {
  /// The volume's name.
  var volume: String
  /// The absolute path in the container.
  var path: String
  /// The part of the volume that is mounted; empty for all of it.
  var subPath: String

  /// The mounts of a container.
  ///
  /// - Parameter environment: The container's variables, for `subPathExpr`.
  /// - Throws: ``ContainerProblem`` for a path that cannot be one, or a part that leads out of its volume.
  static func all(
    of container: Container, environment: [String: String]
  ) throws(ContainerProblem) -> [ContainerMount] {
    var mounts: [ContainerMount] = []
    for mount in container.fields["volumeMounts"]?.arrayValue ?? [] {
      mounts.append(try ContainerMount(mount, environment: environment))
    }
    return mounts
  }

  private init(_ mount: JSONValue, environment: [String: String]) throws(ContainerProblem) {
    self.volume = mount["name"]?.stringValue ?? ""
    let path = mount["mountPath"]?.stringValue ?? ""
    // As kubelets do with a path that is not absolute.
    self.path = path.hasPrefix("/") ? path : "/" + path
    guard !MountMapping.components(of: self.path[...]).isEmpty else {
      throw ContainerProblem(volume: self.volume, "cannot be mounted at \"\(path)\"")
    }
    let expression = mount["subPathExpr"]?.stringValue.map { VariableExpansion.expand($0, with: environment) }
    self.subPath = mount["subPath"]?.stringValue ?? expression ?? ""
    let names = self.subPath.split(separator: "/", omittingEmptySubsequences: false)
    guard !self.subPath.hasPrefix("/"), !names.contains(".."), !self.subPath.utf8.contains(0) else {
      throw ContainerProblem(volume: self.volume, "subPath \"\(self.subPath)\" leads out of the volume")
    }
  }
}
