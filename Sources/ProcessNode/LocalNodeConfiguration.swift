import FoundationEssentials
package import KubernetesModel

/// What a ``LocalNode`` is called, where it keeps its files, and how patient it is.
package struct LocalNodeConfiguration: Sendable {
  /// The name of the Node object; Pods are bound to it by this name.
  package var nodeName: String
  /// The absolute folder of logs, `logs/<namespace>/<pod>/<container>.log`, and of volumes, `pods/<uid>`.
  package var dataDirectory: String
  /// Marks every process that the node starts.
  ///
  /// A later node with the same root ends what an earlier one left behind, so the caller must make sure that only one
  /// node at a time uses a root.
  package var stateRoot: String
  /// Which programs stand behind which images.
  package var images: ImageTable
  /// Variables that every container gets; a Pod's own win.
  package var environment: [String: String]
  /// The URL of the API server, such as `https://127.0.0.1:8001`, which containers reach it by; nil to tell them none.
  ///
  /// It throws ``ContainerProblem`` while there is none yet.
  package var apiServer: (@Sendable () throws(ContainerProblem) -> String)?
  /// The scheduler that the node stands in for: it binds the Pods that name it; nil to bind none.
  ///
  /// Under another name than `default-scheduler` the node is a guest in a cluster that has a scheduler of its own: it runs
  /// only Pods that name it, and registers with ``guestTaint``.
  package var schedulerName: String? = "default-scheduler"
  /// What the Node gives as its version.
  package var version = "umpire"
  /// The addresses that Pods get.
  package var addresses: AddressPool.Range
  /// The address of the node itself.
  package var hostAddress: String
  /// How long containers wait between two starts.
  package var restartBackoff: RestartBackoff.Limits
  /// How long processes get between SIGTERM and SIGKILL when the node itself stops.
  package var shutdownGrace: Duration
  /// How large a container's log may grow before it is rotated.
  ///
  /// Two files are kept.
  package var logBytes: Int
  /// How often the node says that it is alive.
  package var heartbeat: Duration
  /// How often volumes are brought up to date with the objects that they are made of.
  package var volumeInterval: Duration

  /// Creates a configuration.
  ///
  /// - Parameters:
  ///   - dataDirectory: An absolute path.
  ///   - stateRoot: An absolute path; the data directory if nil.
  package init(
    dataDirectory: String, stateRoot: String? = nil, nodeName: String = "local", images: ImageTable = ImageTable()
  ) {
    self.nodeName = nodeName
    self.dataDirectory = dataDirectory
    self.stateRoot = stateRoot ?? dataDirectory
    self.images = images
    self.environment = [:]
    self.addresses = .standard
    self.hostAddress = "127.0.0.1"
    self.restartBackoff = RestartBackoff.Limits()
    self.shutdownGrace = .seconds(5)
    self.logBytes = 10 << 20
    self.heartbeat = .seconds(10)
    self.volumeInterval = .seconds(10)
  }

  /// Where a container's log lies: that of its present run, or of the one before.
  ///
  /// Names are made safe for a file system: none of them can leave the folder.
  package func logPath(namespace: String, pod: String, container: String, isPrevious: Bool = false) -> String {
    let parts = [namespace, pod, container].map(Self.fileName)
    let path = "\(self.dataDirectory)/logs/\(parts[0])/\(parts[1])/\(parts[2]).log"
    return isPrevious ? path + ".previous" : path
  }

  /// The folder of the folders of all Pods.
  package var podsFolder: String { "\(self.dataDirectory)/pods" }

  /// Where a Pod's volumes lie.
  func podFolder(uid: String) -> String { "\(self.podsFolder)/\(Self.fileName(uid))" }

  /// A name that is safe for a file system: it cannot lead out of its folder.
  static func fileName(_ name: String) -> String {
    let safe = name.replacing("/", with: "_").replacing("\0", with: "_")
    return safe.isEmpty || safe == "." || safe == ".." ? "_" : safe
  }

  /// Keeps Pods of a cluster's own scheduler off a node that is a guest there; nil for any other node.
  package var guestTaint: Taint? {
    guard let name = self.schedulerName, name != "default-scheduler" else { return nil }
    return Taint(key: "umpire.dev/scheduler", value: name, effect: "NoSchedule")
  }
}
