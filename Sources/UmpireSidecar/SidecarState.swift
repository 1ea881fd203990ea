/// What the sidecar answers with: a value, which the sidecar keeps behind a lock.
///
/// ```
/// unread ──observe──▶ serving(flags) ──observe a deletion──▶ serving, shutdown true for good
///                        │    ▲
///                        └────┘ wrote
/// ```
struct SidecarState: Sendable {
  private var flags: SidecarFlags?
  /// As the API server last showed them; they differ from `flags` when somebody else changed the conditions.
  private var observed: SidecarFlags?
  private var isTerminating = false

  /// The state of a sidecar that has no API server to read from.
  static var standalone: SidecarState {
    var state = SidecarState()
    state.observe(SidecarFlags(), isTerminating: false)
    return state
  }

  /// The answer to a question, or nil while nothing has been read yet.
  func answer(_ flag: SidecarFlag) -> Bool? {
    guard let flags = self.flags else { return nil }
    return flags[flag] || (flag == .shutdownRequested && self.isTerminating)
  }

  /// Takes in the Server as it is now: its flags once, at the start, for later they are this sidecar's own.
  mutating func observe(_ flags: SidecarFlags, isTerminating: Bool) {
    if self.flags == nil { self.flags = flags }
    self.observed = flags
    self.isTerminating = self.isTerminating || isTerminating
  }

  /// The Server is gone, and nothing will come back.
  mutating func observeRemoval() {
    self.isTerminating = true
  }

  /// Whether setting `flag` needs a write; setting what already stands everywhere does not.
  func needsWrite(_ flag: SidecarFlag, _ value: Bool) -> Bool {
    self.flags?[flag] != value || self.observed?[flag] != value
  }

  /// The value has been stored.
  mutating func wrote(_ flag: SidecarFlag, _ value: Bool) {
    self.flags?[flag] = value
    self.observed?[flag] = value
  }
}
