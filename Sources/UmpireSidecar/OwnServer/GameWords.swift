import KubernetesModel
import UmpireModel

/// What the game has said of itself, and when: a value, by which it is known what the game of the present life has said.
///
/// A sidecar outlives its game, and hears of a restart only when the controller has noticed it and has set back what was
/// true. By then the game that was started since may have spoken already. Its words are told from those of the life before
/// by the time at which that ended, which is given in whole seconds of the clock of this node. What falls into the same
/// second counts as said before: the game has to say it again.
struct GameWords: Sendable {
  private struct Word: Sendable {
    var change: ServerChange
    var time: Timestamp
  }

  /// By the type of the condition.
  private var words: [String: Word] = [:]
  private var restarts: Int64?

  /// Takes note of a condition that the game has set; anything else outlives the game.
  mutating func note(_ change: ServerChange, at time: Timestamp) {
    guard case .condition(let type, _, _) = change else { return }
    self.words[type] = Word(change: change, time: time)
  }

  /// Forgets a condition that could not be stored.
  mutating func forget(_ change: ServerChange, at time: Timestamp) {
    guard case .condition(let type, _, _) = change, self.words[type]?.time == time, self.words[type]?.change == change
    else { return }
    self.words[type] = nil
  }

  /// Takes note of the Server.
  ///
  /// - Returns: What the game has said since it was started again, if that is news; to be stored once more.
  mutating func observe(_ server: Server?) -> [ServerChange] {
    guard let status = server?.status, status.gameRestarts != self.restarts else { return [] }
    defer { self.restarts = status.gameRestarts }
    guard let end = status.gameEndTime else { return [] }
    self.words = self.words.filter { $0.value.time.secondsSinceEpoch > end.secondsSinceEpoch }
    return self.words.sorted { $0.key < $1.key }.map(\.value.change)
  }
}
