package import KubernetesModel

/// Makes the environment of a Pod's containers.
///
/// A pure function of the Pod and of what the node adds.
package struct EnvironmentBuilder: Sendable {
  /// The variable that marks the processes of one node; see ``OrphanSweep``.
  package static let stateMarker = "UMPIRE_NODE_STATE"
  /// The variable that tells a program which address is its own.
  ///
  /// All Pods share the loopback interface, so a program that listened on every address would take its neighbours'
  /// ports.
  package static let bindAddress = "UMPIRE_BIND_ADDRESS"

  /// The Pod whose container is started.
  package var pod: Pod
  /// The Pod's address.
  package var podAddress: String
  /// The node's address.
  package var hostAddress: String
  /// The least that a program may count on, such as `PATH` and `HOME`.
  package var base: [String: String]
  /// What the node's configuration adds; it wins over `base`.
  package var additions: [String: String]
  /// The node's state root, which becomes the marker.
  package var stateRoot: String
  /// What `envFrom` and the variables' sources name.
  package var objects = EnvironmentObjects()

  /// The environment of one container.
  ///
  /// The Pod's own variables win over all others but the marker, those of `env` over those of `envFrom`, and later ones
  /// over earlier ones. They are expanded in order, so that each may use the ones before it.
  ///
  /// - Throws: ``ContainerProblem`` for a variable whose source is missing or not supported.
  package func environment(for container: Container) throws(ContainerProblem) -> [String: String] {
    var environment = self.base
    environment["HOSTNAME"] = self.pod.spec.hostname ?? self.pod.metadata.name ?? ""
    environment[Self.bindAddress] = self.podAddress
    environment.merge(self.additions) { _, addition in addition }
    for source in container.fields["envFrom"]?.arrayValue ?? [] {
      environment.merge(try self.objects.variables(from: source)) { _, later in later }
    }
    for variable in container.environment where !variable.name.isEmpty {
      if let value = try self.value(of: variable, in: environment) { environment[variable.name] = value }
    }
    environment[Self.stateMarker] = self.stateRoot
    return environment
  }

  private var fields: PodFields {
    PodFields(pod: self.pod, podAddress: self.podAddress, hostAddress: self.hostAddress)
  }

  private func value(
    of variable: EnvironmentVariable, in environment: [String: String]
  ) throws(ContainerProblem) -> String? {
    if let path = variable.fieldPath {
      guard let value = self.fields.value(path) else {
        throw ContainerProblem(
          reason: .configuration, message: "variable \(variable.name): fieldPath \"\(path)\" is not supported")
      }
      return value
    }
    if variable.fields["valueFrom"]?.objectValue != nil { return try self.objects.value(of: variable) }
    return VariableExpansion.expand(variable.value ?? "", with: environment)
  }
}
