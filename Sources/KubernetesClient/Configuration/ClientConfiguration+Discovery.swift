import FoundationEssentials

extension ClientConfiguration {
  /// Finds the configuration: the file that is named, else those of `KUBECONFIG`, else that of a Pod, else
  /// `~/.kube/config`.
  ///
  /// The order is that of controller-runtime, so that a process of a Pod never takes what lies in a home folder.
  /// Files that `KUBECONFIG` names need not all exist; one that is named by `kubeconfig` must.
  ///
  /// - Throws: ``ConfigurationError`` naming the file and the field.
  package static func discover(
    kubeconfig: String?, context: String? = nil, environment: [String: String]
  ) throws(ConfigurationError) -> ClientConfiguration {
    if let kubeconfig { return try Kubeconfig(paths: [kubeconfig]).configuration(context: context) }
    if environment["KUBECONFIG"]?.isEmpty ?? true, environment["KUBERNETES_SERVICE_HOST"]?.isEmpty == false {
      return try ClientConfiguration.inCluster(environment: environment)
    }
    let paths = Kubeconfig.defaultPaths(environment: environment)
    if paths.contains(where: { FileManager.default.fileExists(atPath: $0) }) {
      return try Kubeconfig(paths: paths, skipsMissing: true).configuration(context: context)
    }
    guard paths.isEmpty || environment["KUBERNETES_SERVICE_HOST"]?.isEmpty == false else {
      throw ConfigurationError("KUBECONFIG: none of its files exists: \(paths.joined(separator: ", "))")
    }
    return try ClientConfiguration.inCluster(environment: environment)
  }
}
