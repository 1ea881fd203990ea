import DequeModule

/// Lets so many exchanges with one endpoint run at once, and the others wait for their turn.
///
/// A value without effects: whoever owns it starts what it is told to start. What waits may be given up in the
/// meantime; it is skipped when its turn comes.
struct EndpointQueue<Endpoint: Hashable, Waiting> {
  /// What happens to a new exchange.
  enum OnBegin: Equatable {
    /// It runs.
    case start
    /// It will be returned by ``end(_:isWanted:)``.
    case wait
    /// Too many wait already.
    case refuse
  }

  private struct Line {
    var running = 0
    var waiting: Deque<Waiting> = []
  }

  /// The most that wait for one endpoint, for each one that may run.
  static var waitingForEachRunning: Int { 64 }
  private var lines: [Endpoint: Line] = [:]

  /// Whether anything runs or waits.
  var isEmpty: Bool { self.lines.isEmpty }

  /// Takes up an exchange, of which `limit` may run at once.
  mutating func begin(_ waiting: Waiting, at endpoint: Endpoint, limit: Int) -> OnBegin {
    let limit = max(limit, 1)
    return self.update(endpoint) { line in
      if line.running < limit {
        line.running += 1
        return .start
      }
      guard line.waiting.count < limit * Self.waitingForEachRunning else { return .refuse }
      line.waiting.append(waiting)
      return .wait
    }
  }

  /// Records the end of one that ran, and returns the next that may run and is still wanted.
  mutating func end(_ endpoint: Endpoint, isWanted: (Waiting) -> Bool) -> Waiting? {
    defer { if self.lines[endpoint]?.running == 0 { self.lines[endpoint] = nil } }
    return self.update(endpoint) { line in
      while let next = line.waiting.popFirst() { if isWanted(next) { return next } }
      line.running -= 1
      return nil
    }
  }

  private mutating func update<Result>(_ endpoint: Endpoint, _ body: (inout Line) -> Result) -> Result {
    body(&self.lines[endpoint, default: Line()])
  }
}
