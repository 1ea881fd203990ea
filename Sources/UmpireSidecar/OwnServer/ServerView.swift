import KubernetesModel
import UmpireModel

/// The Server as it is known: a value, which the sidecar keeps behind a lock.
struct ServerView: Sendable {
  /// The newest that is known; kept when the Server is gone.
  private(set) var server: Server?
  /// Whether there is no such Server any more.
  private(set) var isGone = false
  /// The version that our own last write made, until it is observed.
  private var ownVersion: UInt64?

  /// What the flags say; nil while nothing has been read.
  var flags: SidecarFlags? {
    guard let server = self.server else { return nil }
    var flags = SidecarFlags()
    for flag in SidecarFlag.allCases {
      flags[flag] = server.status?.conditions.isTrue(flag.conditionType) == true
    }
    if self.isGone || server.metadata.deletionTimestamp != nil { flags[.shutdownRequested] = true }
    return flags
  }

  /// Takes in what a watch shows.
  ///
  /// - Returns: whether it is news.
  mutating func observe(_ observed: Server) -> Bool {
    guard !self.isGone else { return false }
    if let known = self.server, known.metadata.uid != observed.metadata.uid {
      // Another one of the same name, with a Pod and a sidecar of its own.
      return self.observeRemoval()
    }
    let version = Self.version(of: observed)
    if let own = self.ownVersion, let version, version < own { return false }
    self.ownVersion = nil
    if version != nil, version == self.server.flatMap(Self.version(of:)) { return false }
    self.server = observed
    return true
  }

  /// Takes in what the API server answered to a write of ours, which the watch may have shown already.
  ///
  /// - Returns: whether it is news.
  mutating func wrote(_ written: Server) -> Bool {
    guard !self.isGone else { return false }
    if let version = Self.version(of: written) {
      if let known = self.server.flatMap(Self.version(of:)), known >= version { return false }
      self.ownVersion = version
    }
    self.server = written
    return true
  }

  /// The Server is gone, and will not come back.
  ///
  /// - Returns: whether it is news.
  mutating func observeRemoval() -> Bool {
    defer { self.isGone = true }
    return !self.isGone
  }

  /// Versions of one kind are numbers that grow.
  private static func version(of server: Server) -> UInt64? { server.metadata.resourceVersion.flatMap { UInt64($0) } }
}
