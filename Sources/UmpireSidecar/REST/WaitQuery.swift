import HTTPTypes
import Hummingbird
import KubernetesModel
import ServerSupport

/// How long a reader waits for a flag to change: the query `?wait=30s`, with `&known=true` or `&known=false` for a reader
/// who wants to hear at once if the flag is not what it knows.
struct WaitQuery: Sendable, Hashable {
  /// How long at most.
  var limit: Duration
  /// What the reader knows; nil for the value at the time of the request.
  var known: Bool?

  /// Nobody waits longer.
  static let longest = Duration.seconds(60)

  /// Reads the query.
  ///
  /// - Returns: nil if nobody wants to wait.
  /// - Throws: A ``Problem`` of 400 for what is not understood.
  init?(_ parameters: Parameters) throws(Problem) {
    guard let text = parameters["wait"] else {
      if parameters["known"] != nil { throw Problem(.badRequest, "'known' goes with 'wait'") }
      return nil
    }
    guard let wait = GoDuration(String(text)), wait.duration > .zero, wait.duration <= Self.longest else {
      throw Problem(.badRequest, "'wait' must be a duration of at most 1m, such as 30s")
    }
    self.limit = wait.duration
    switch parameters["known"] {
    case nil: self.known = nil
    case "true": self.known = true
    case "false": self.known = false
    default: throw Problem(.badRequest, "'known' must be true or false")
    }
  }
}
