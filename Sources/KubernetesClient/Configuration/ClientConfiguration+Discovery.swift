extension ClientConfiguration {
  /// Finds the configuration as kubectl does: the file that is named, else those of `KUBECONFIG` or
  /// `~/.kube/config`; a Pod uses its service account if nothing else is there.
  ///
  /// - Throws: ``ConfigurationError`` naming the file and the field.
  package static func discover(
    kubeconfig: String?, context: String? = nil, environment: [String: String]
  ) throws(ConfigurationError) -> ClientConfiguration {
    let paths = kubeconfig.map { [$0] } ?? Kubeconfig.defaultPaths(environment: environment)
    if paths.isEmpty { return try ClientConfiguration.inCluster(environment: environment) }
    return try Kubeconfig(paths: paths).configuration(context: context)
  }
}
