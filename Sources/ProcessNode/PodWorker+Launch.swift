import KubernetesClient
import KubernetesModel
import Synchronization

extension PodWorker {
  /// Everything that a container's process needs, expanded, with its volumes in their places.
  ///
  /// - Throws: ``ContainerProblem`` if it cannot be started, or not yet.
  func launch(_ name: String) async throws -> (Container, ContainerLaunch, ContainerLog) {
    let configuration = self.context.configuration
    let fields = self.fields
    let pod = fields.pod
    guard let container = (pod.spec.initContainers + pod.spec.containers).first(where: { $0.name == name }) else {
      throw ContainerProblem(reason: .create, message: "the Pod no longer has a container \(name)")
    }
    var additions = configuration.environment
    if let server = try configuration.apiServer?() {
      additions.merge(ServiceVariables.of(apiServer: server)) { _, service in service }
    }
    let environment = try EnvironmentBuilder(
      pod: pod, podAddress: fields.podAddress, hostAddress: fields.hostAddress, base: self.context.baseEnvironment,
      additions: additions, stateRoot: configuration.stateRoot,
      objects: try await self.environmentObjects(of: container)
    ).environment(for: container)
    let mapping = try await self.volumes.provide(for: container, of: fields, environment: environment)
    let placed = mapping.map(container, environment: environment)
    let commandLine = try configuration.images.commandLine(for: placed)
    var variables = mapping.map(environment, of: container)
    let account = mapping.map(ServiceAccountFolder.standard)
    if account != ServiceAccountFolder.standard { variables[ServiceAccountFolder.folderVariable] = account }
    let launch = ContainerLaunch(
      program: commandLine.program, arguments: commandLine.arguments, environment: variables,
      workingDirectory: placed.workingDirectory)
    let path = configuration.logPath(
      namespace: self.key.namespace ?? "", pod: self.key.name, container: container.name)
    do {
      return (container, launch, try ContainerLog(path: path, limit: configuration.logBytes, startsRun: true))
    } catch {
      throw ContainerProblem(reason: .create, message: "cannot open the log \(path): \(error)")
    }
  }

  private func environmentObjects(of container: Container) async throws -> EnvironmentObjects {
    var objects = EnvironmentObjects()
    for name in EnvironmentObjects.names(in: container) {
      let key = ObjectKey(namespace: self.key.namespace, name: name.name)
      do {
        if let object = try await self.context.client.content(name.kind, key) { objects.add(object, as: name) }
      } catch let error as APIError {
        throw ContainerProblem(
          reason: .configuration, message: "cannot read \(name.kind.rawValue) \"\(name.name)\": \(error.message)")
      }
    }
    return objects
  }

  /// Brings the Pod's volumes up to date again and again, until the task is cancelled.
  func followVolumes() async {
    guard self.fields.pod.spec.fields["volumes"]?.arrayValue?.isEmpty == false else { return }
    let (clock, interval) = (self.context.clock, self.context.configuration.volumeInterval)
    // Cancellation means that the worker is going away.
    while (try? await clock.sleep(until: clock.now.elapsed + interval)) != nil {
      await self.volumes.refresh(self.fields)
    }
  }

  private var fields: PodFields {
    self.state.withLock {
      PodFields(pod: $0.life.pod, podAddress: $0.life.podAddress, hostAddress: $0.life.hostAddress)
    }
  }
}
