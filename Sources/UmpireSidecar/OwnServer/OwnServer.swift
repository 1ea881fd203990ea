package import UmpireModel

/// The Server beside which the sidecar stands: what is known of it, and what the game wants to change about it.
package protocol OwnServer: Sendable {
  /// The Server as it is known, which may be old while the API server is away; nil while it has not been read.
  var server: Server? { get }

  /// The Server as it is known, at once if it is, and then after every change.
  ///
  /// Any number may follow it. Who is slow misses states in between and never the last. The stream ends when the
  /// sidecar stops, and nothing of it is left once its reader has let go of it.
  func updates() -> AsyncStream<Server>

  /// Makes one change, leaves everything else as it is, and returns once the change is stored.
  ///
  /// While the API server is away the change waits, until the task is cancelled. A change of the same thing that has
  /// not begun is replaced by a later one; both return when the later one is stored.
  ///
  /// - Throws: ``SidecarError`` when it is not stored, and will not be.
  func store(_ change: ServerChange) async throws(SidecarError)
}
