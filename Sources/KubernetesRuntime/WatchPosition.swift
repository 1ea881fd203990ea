package import KubernetesClient
import KubernetesModel

/// How long watches last, and how it is waited between them.
package struct WatchTiming: Sendable {
  /// The seconds after which the server is asked to end a watch, at random from this range.
  package var seconds: ClosedRange<Int>
  /// A watch that brings nothing, not even a bookmark, for so long counts as dead and is opened again.
  package var idle: Duration
  /// Clocks and chance.
  package var time: ClientTime

  package init(
    seconds: ClosedRange<Int> = 300...600, idle: Duration = .seconds(150), time: ClientTime = ClientTime()
  ) {
    self.seconds = seconds
    self.idle = idle
    self.time = time
  }
}

/// What the failure of a list or a watch means for the next try.
struct WatchFailure: Sendable {
  /// The history does not reach back to where we are: list anew.
  var isExpired = false
  /// Connections break, and servers restart; all else deserves a person's look.
  var isExpected = false
  /// The server does not serve the kind.
  var isMissingKind = false
  /// We may not see the kind.
  var isForbidden = false
  /// What the server asked for.
  var minimumDelay: Duration = .zero

  init(_ error: any Error) {
    guard let error = error as? APIError else { return }
    self.isExpired = error.isExpired
    self.minimumDelay = min(error.retryAfter ?? .zero, .seconds(60))
    switch error.code {
    case .transport: self.isExpected = true
    case .status(let status):
      self.isExpected = error.isExpired || status.code == 429 || status.code == 503
      self.isMissingKind = status.code == 404
      self.isForbidden = status.code == 403
    case .malformedAnswer, .invalidRequest: self.isExpected = false
    }
  }
}

/// Where a watcher stands between the API server's history and its own store.
///
/// ```
///   list --listed--> watch(version) --expired--> list
///                      |      ^
///                      +------+ saw, ended, failed: from the newest version on
/// ```
struct WatchPosition: Sendable, Equatable {
  enum Next: Equatable {
    case list
    case watch(String)
  }

  private(set) var next: Next = .list
  private var failures = 0
  /// Whether the watch that is going on has brought anything.
  private var hasSeen = false
  static let backoff = Backoff(base: .milliseconds(100), maximum: .seconds(15))

  mutating func listed(at version: String) {
    self.next = .watch(version)
    self.hasSeen = false
  }

  mutating func saw(_ version: String?) {
    self.failures = 0
    self.hasSeen = true
    guard let version, !version.isEmpty else { return }
    self.next = .watch(version)
  }

  /// The server ended the watch.
  ///
  /// - Returns: how long to wait: a server that ends every watch at once is not to be asked without a pause. Nil for
  ///   not at all.
  mutating func ended() -> Duration? {
    defer { self.hasSeen = false }
    if self.hasSeen { return nil }
    return self.failed(isExpired: false)
  }

  /// - Returns: how long to wait before the next step.
  mutating func failed(isExpired: Bool) -> Duration {
    if isExpired { self.next = .list }
    self.hasSeen = false
    defer { self.failures += 1 }
    return Self.backoff.delay(afterFailures: self.failures)
  }
}
