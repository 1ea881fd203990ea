/// Something that goes wrong once, at a write of the controllers.
///
/// Writes of Events are not counted, and nothing goes wrong at them: they may be lost by design, nothing is ever decided
/// by them, and they are written beside all else. A crash at one is a crash at the next write that counts, and that a
/// failed one holds up nothing is tested with the recorder.
package struct Fault: Sendable, Hashable, CustomStringConvertible {
  /// What goes wrong.
  package enum Kind: String, Sendable, CaseIterable {
    /// The controllers die before the write is sent, and start anew.
    case crashBefore
    /// They die after the write has taken effect, and before they hear so.
    case crashAfter
    /// The API server answers 409.
    case conflict
    /// The API server answers 500, and has done nothing.
    case serverError
    /// No answer comes, though the write has taken effect.
    case timeoutAfterEffect
    /// No answer comes, and nothing has been done.
    case timeoutWithoutEffect
    /// From here on the watches are some events behind.
    case staleWatch
    /// Every watch breaks, and is taken up again where it was.
    case watchBreaks
    /// Every watch has expired: some are told so in mid-stream, some by a 410 when they come back.
    case watchExpires
    /// A Pod dies, and the game in it.
    case podDies
    /// No sidecar answers for half a minute.
    case sidecarsDown
    /// For half a minute webhooks do not answer, or answer rubbish.
    case webhookDown
  }

  package var kind: Kind
  /// The controllers' write at which it happens, counted from 1, without Events.
  package var write: Int

  package init(_ kind: Kind, at write: Int) {
    self.kind = kind
    self.write = write
  }

  /// Reads what ``description`` gives.
  package init?(_ text: String) {
    let parts = text.split(separator: "@")
    guard parts.count == 2, let kind = Kind(rawValue: String(parts[0])), let write = Int(parts[1]), write > 0 else {
      return nil
    }
    self.init(kind, at: write)
  }

  /// `crashBefore@7`.
  package var description: String { "\(self.kind.rawValue)@\(self.write)" }
}
