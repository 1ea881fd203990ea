/// Who takes part in the one match of this server, and who may still join.
///
/// ```
/// connect ──▶ stranger ──JOIN──▶ player ──LEAVE, hang up──▶ gone
///                 └── too long idle, hang up ──────────────▶ gone
/// ```
package struct GameMatch: Sendable {
  /// A connection's number.
  package typealias Connection = Int32

  private enum Guest {
    case stranger(since: ContinuousClock.Instant)
    case player(name: String)
  }

  private var guests: [Connection: Guest] = [:]
  private let version: String
  private let limits: Limits
  /// How many take part.
  package private(set) var players = 0
  /// Whether nobody new is taken.
  package private(set) var isClosing = false

  /// Bounds of a match.
  package struct Limits: Sendable {
    /// Players at once.
    package var players: Int
    /// Connections that have not joined, at once.
    package var strangers: Int
    /// How long a connection may stay without joining or asking anything.
    package var idle: Duration

    /// Creates limits.
    package init(players: Int = 64, strangers: Int = 64, idle: Duration = .seconds(30)) {
      self.players = players
      self.strangers = strangers
      self.idle = idle
    }
  }

  /// What a line is answered with.
  package struct Reply: Sendable, Hashable {
    /// The line to send, without its end.
    package var line: String
    /// Whether the connection is closed after it.
    package var hangsUp = false
  }

  /// Creates a match without players.
  package init(version: String, limits: Limits = Limits()) {
    self.version = version
    self.limits = limits
  }

  /// Takes a new connection; a reply means that it is turned away.
  package mutating func connect(_ connection: Connection, at now: ContinuousClock.Instant) -> Reply? {
    guard self.guests.count - self.players < self.limits.strangers else {
      return Reply(line: "FULL", hangsUp: true)
    }
    self.guests[connection] = .stranger(since: now)
    return nil
  }

  /// Answers a line.
  package mutating func receive(
    _ line: String, from connection: Connection, at now: ContinuousClock.Instant
  ) -> Reply {
    let guest = self.guests[connection] ?? .stranger(since: now)
    if case .stranger = guest { self.guests[connection] = .stranger(since: now) }
    let command: GameCommand
    do throws(GameCommand.Malformed) {
      command = try GameCommand(parsing: line)
    } catch {
      return Reply(line: "ERROR \(error.reason)")
    }
    switch (command, guest) {
    case (.status, _):
      return Reply(line: "STATUS players=\(self.players) closing=\(self.isClosing) version=\(self.version)")
    case (.leave, _):
      return Reply(line: "BYE", hangsUp: true)
    case (.join, .player):
      return Reply(line: "ERROR already joined")
    case (.join, .stranger) where self.isClosing:
      return Reply(line: "CLOSED")
    case (.join, .stranger) where self.players >= self.limits.players:
      return Reply(line: "FULL")
    case (.join(let name), .stranger):
      self.guests[connection] = .player(name: name)
      self.players += 1
      return Reply(line: "WELCOME \(name) players=\(self.players)")
    }
  }

  /// A connection has closed.
  package mutating func disconnect(_ connection: Connection) {
    if case .player? = self.guests.removeValue(forKey: connection) { self.players -= 1 }
  }

  /// Takes nobody new from now on; who plays goes on playing.
  package mutating func close() {
    self.isClosing = true
  }

  /// The connections that have been idle for too long without joining.
  package func idleStrangers(at now: ContinuousClock.Instant) -> [Connection] {
    self.guests.compactMap { connection, guest in
      if case .stranger(let since) = guest, since.duration(to: now) >= self.limits.idle { return connection }
      return nil
    }
  }
}
