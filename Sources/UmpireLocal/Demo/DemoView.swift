import Glibc

/// Shows the demo: a live table on a terminal, plain lines elsewhere.
struct DemoView {
  let isTerminal: Bool
  private var lastDigest = ""
  private var shownLines = 0

  init(isTerminal: Bool) { self.isTerminal = isTerminal }

  /// Shows a snapshot; on anything but a terminal only when something changed.
  mutating func show(_ snapshot: DemoSnapshot, step: String, elapsed: Duration) {
    if self.isTerminal {
      self.erase()
      let text = snapshot.table(elapsed: elapsed) + (step.isEmpty ? "" : "\n  waiting to see: \(step)")
      print(text)
      self.shownLines = text.split(separator: "\n", omittingEmptySubsequences: false).count
    } else {
      let digest = snapshot.digest
      guard digest != self.lastDigest else { return }
      self.lastDigest = digest
      print(snapshot.table(elapsed: elapsed))
    }
    fflush(nil)
  }

  /// Says that a step was seen.
  mutating func announce(_ text: String, elapsed: Duration) {
    self.erase()
    print("\(DemoSnapshot.clock(elapsed))  \(text)")
    fflush(nil)
  }

  /// Closes with the timeline.
  mutating func close(_ moments: [DemoMoment]) {
    self.erase()
    print("\nTimeline")
    for moment in moments { print("  \(DemoSnapshot.clock(moment.at))  \(moment.title)") }
    fflush(nil)
  }

  private mutating func erase() {
    guard self.isTerminal, self.shownLines > 0 else { return }
    print("\u{1B}[\(self.shownLines)A\u{1B}[J", terminator: "")
    self.shownLines = 0
  }
}
