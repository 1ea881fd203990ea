/// Keeps as many servers as the players need, and some spare ones that are warm when more players come.
package struct BufferPolicy: Sendable, Hashable {
  /// How many players there are, 0–2147483647.
  package var players: Int
  /// How many of them one server takes, at least 1.
  package var playersPerServer: Int
  /// How many servers there are beyond those that the players need.
  package var spare: Int
  /// The lowest number that is asked for.
  package var minimum: Int
  /// The highest number that is asked for; not below `minimum`.
  package var maximum: Int

  /// Creates a policy.
  package init(players: Int = 0, playersPerServer: Int = 10, spare: Int = 2, minimum: Int = 0, maximum: Int = 100) {
    self.players = players
    self.playersPerServer = playersPerServer
    self.spare = spare
    self.minimum = minimum
    self.maximum = maximum
  }

  /// `ceil(players / playersPerServer) + spare`, within `minimum` and `maximum`.
  package var desiredReplicas: Int {
    let needed = (self.players + self.playersPerServer - 1) / self.playersPerServer
    return min(max(needed + self.spare, self.minimum), self.maximum)
  }

  /// The sum as a person would say it.
  package var reason: String {
    "\(self.players) players, \(self.playersPerServer) a server, \(self.spare) spare, "
      + "\(self.minimum) to \(self.maximum) servers"
  }

  /// What is wrong with the numbers, or nil.
  package var violation: String? {
    let range = 0...Self.largest
    for (name, value) in [
      ("players", self.players), ("spare", self.spare), ("minimum", self.minimum), ("maximum", self.maximum),
    ] where !range.contains(value) {
      return "\(name) must be from 0 to \(Self.largest)"
    }
    guard (1...Self.largest).contains(self.playersPerServer) else {
      return "playersPerServer must be from 1 to \(Self.largest)"
    }
    return self.minimum > self.maximum ? "minimum must not be above maximum" : nil
  }

  /// The largest number of replicas that Kubernetes knows.
  package static let largest = Int(Int32.max)
}
