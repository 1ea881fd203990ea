import FoundationEssentials
package import KubernetesClient
package import KubernetesModel
package import Logging
import Synchronization

/// The volumes of one Pod: folders beneath the node's own, which follow the objects that they are made of.
///
/// ```swift
/// let volumes = PodVolumes(folder: "/data/pods/uid", client: client, logger: logger)
/// let mapping = try await volumes.provide(for: container, of: fields, environment: environment)
/// await volumes.refresh(fields)  // now and then
/// volumes.remove()
/// ```
///
/// What the folders hold is written in one step, so a process never reads half of a change. An object that cannot be read
/// any more changes nothing: the files stay as they are. What is mounted by a `subPath` is kept up to date too, which a
/// kubelet does not do.
package final class PodVolumes: Sendable {
  private let folder: String
  private let client: APIClient
  private let logger: Logger
  private let now: @Sendable () -> Timestamp
  private let state: Mutex<State>

  private struct State {
    /// What lies in the folder of each volume of files.
    var contents: [String: VolumeContent] = [:]
    /// Why a volume is not up to date.
    var faults: [String: String] = [:]
    /// The tokens that are in use.
    var tokens: [VolumeToken: IssuedToken] = [:]
  }

  /// Creates the volumes of a Pod; nothing is written before a container needs one.
  ///
  /// - Parameters:
  ///   - folder: The absolute path of the Pod's own folder.
  ///   - now: The calendar's time, by which tokens are renewed.
  package init(
    folder: String, client: APIClient, logger: Logger, now: @escaping @Sendable () -> Timestamp = { .now }
  ) {
    self.now = now
    self.folder = folder
    self.client = client
    self.logger = logger
    self.state = Mutex(State())
  }

  /// Makes what a container mounts, and says where it lies.
  ///
  /// - Parameters:
  ///   - fields: The container's Pod.
  ///   - environment: The container's variables.
  /// - Throws: ``ContainerProblem`` naming the volume that cannot be provided, or not yet.
  package func provide(
    for container: Container, of fields: PodFields, environment: [String: String]
  ) async throws -> MountMapping {
    let mounts = try ContainerMount.all(of: container, environment: environment)
    guard !mounts.isEmpty else { return MountMapping() }
    try self.makeFolder()
    var volumes: [String: PodVolume] = [:]
    for mount in mounts where volumes[mount.volume] == nil {
      let volume = try PodVolume(mount.volume, of: fields.pod.spec)
      try await self.fill(volume, of: fields)
      volumes[mount.volume] = volume
    }
    return MountMapping(
      try mounts.map { mount in
        let isEmptyDirectory = volumes[mount.volume]?.content == .empty
        let target = try self.target(of: mount, makesFolder: isEmptyDirectory)
        return MountMapping.Mount(path: mount.path, target: target)
      })
  }

  /// Brings every volume that a container has mounted up to date.
  package func refresh(_ fields: PodFields) async {
    let names = self.state.withLock { Array($0.contents.keys) }
    for name in names.sorted() {
      var fault: String?
      do {
        let volume = try PodVolume(name, of: fields.pod.spec)
        if case .files(let sources, let mode) = volume.content {
          try self.write(try await self.read(sources, mode: mode, of: fields, volume: name), to: name)
        }
      } catch {
        if Task.isCancelled { return }
        fault = (error as? ContainerProblem)?.message ?? "\(error)"
      }
      let isNews = self.state.withLock { state in
        defer { state.faults[name] = fault }
        return state.faults[name] != fault
      }
      if isNews, let fault {
        self.logger.warning("cannot bring a volume up to date", metadata: ["problem.message": "\(fault)"])
      }
    }
  }

  /// Removes all of it; to be called when no process of the Pod is left.
  package func remove() {
    guard FileManager.default.fileExists(atPath: self.folder) else { return }
    do {
      try FileManager.default.removeItem(atPath: self.folder)
    } catch {
      self.logger.warning(
        "cannot remove the Pod's volumes", metadata: ["folder": "\(self.folder)", "error": "\(error)"])
    }
  }

  // MARK: Folders

  private func path(of volume: String) -> String {
    "\(self.folder)/volumes/\(LocalNodeConfiguration.fileName(volume))"
  }

  /// Makes the Pod's folder, which nobody but this user may enter.
  private func makeFolder() throws(ContainerProblem) {
    do {
      try FileManager.default.createDirectory(
        atPath: self.folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    } catch {
      throw ContainerProblem(reason: .create, message: "cannot make the folder \(self.folder): \(error)")
    }
  }

  private func fill(_ volume: PodVolume, of fields: PodFields) async throws {
    switch volume.content {
    case .empty:
      try self.writing(volume.name) { folder throws(VolumeFault) in try folder.prepareEmpty() }
    case .files(let sources, let mode):
      let content: VolumeContent
      do {
        content = try await self.read(sources, mode: mode, of: fields, volume: volume.name)
      } catch let problem as ContainerProblem {
        // A container that is started again gets what it had, as long as there is nothing better.
        guard self.state.withLock({ $0.contents[volume.name] }) == nil else { return }
        throw problem
      }
      try self.write(content, to: volume.name)
    }
  }

  private func write(_ content: VolumeContent, to volume: String) throws(ContainerProblem) {
    // Under the lock, so that of two containers that start at once only one writes.
    let failure = self.state.withLock { state -> ContainerProblem? in
      guard state.contents[volume] != content else { return nil }
      do throws(ContainerProblem) {
        try self.writing(volume) { folder throws(VolumeFault) in try folder.write(content) }
        state.contents[volume] = content
        return nil
      } catch {
        return error
      }
    }
    if let failure { throw failure }
  }

  private func writing(
    _ volume: String, _ body: (VolumeFolder) throws(VolumeFault) -> Void
  ) throws(ContainerProblem) {
    do throws(VolumeFault) {
      try body(VolumeFolder(path: self.path(of: volume)))
    } catch {
      throw ContainerProblem(reason: .create, message: "volume \"\(volume)\": \(error)")
    }
  }

  /// Where a mount lies, which must be within its volume whatever links there are.
  private func target(of mount: ContainerMount, makesFolder: Bool) throws(ContainerProblem) -> String {
    let volume = self.path(of: mount.volume)
    guard !mount.subPath.isEmpty else { return volume }
    do throws(VolumeFault) {
      return try VolumeFolder(path: volume).part(mount.subPath, makesFolder: makesFolder)
    } catch {
      throw ContainerProblem(volume: mount.volume, "subPath \"\(mount.subPath)\": \(error)")
    }
  }

  // MARK: Objects

  private func read(
    _ sources: [VolumeSource], mode: UInt32, of fields: PodFields, volume: String
  ) async throws -> VolumeContent {
    var content = VolumeContent(volume: volume, mode: mode)
    for source in sources {
      switch source {
      case .fields(let items): try content.add(items, of: fields)
      case .object(let object):
        let key = ObjectKey(namespace: fields.pod.metadata.namespace, name: object.name)
        try content.add(try await self.find(object, key, volume: volume), of: object)
      case .token(let token):
        try content.add(try await self.issue(token, for: fields.pod, volume: volume), as: token)
      }
    }
    return content
  }

  /// The token that is in use, or a new one if that is old.
  private func issue(_ token: VolumeToken, for pod: Pod, volume: String) async throws -> String {
    let now = self.now()
    let present = self.state.withLock { $0.tokens[token] }
    if let present, now < present.renewal { return present.token }
    let account = ObjectKey(namespace: pod.metadata.namespace, name: pod.spec.serviceAccountName ?? "default")
    do {
      let issued = IssuedToken(try await self.client.token(of: account, token.request(for: pod)), now: now)
      self.state.withLock { $0.tokens[token] = issued }
      return issued.token
    } catch let error as APIError {
      throw ContainerProblem(
        volume: volume, "cannot get a token of service account \"\(account.name)\": \(error.message)")
    }
  }

  private func find(_ object: VolumeObject, _ key: ObjectKey, volume: String) async throws -> JSONValue? {
    do {
      return try await self.client.content(object.kind, key)
    } catch let error as APIError {
      throw ContainerProblem(
        volume: volume, "cannot read \(object.kind.rawValue) \"\(object.name)\": \(error.message)")
    }
  }
}
