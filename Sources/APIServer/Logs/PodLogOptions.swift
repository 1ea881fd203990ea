import KubernetesModel

/// How much of a container's output a request asks for.
struct PodLogOptions: Sendable, Hashable {
  /// Nil if none is named.
  var container: String?
  var follows: Bool
  /// The run before the present one.
  var isPrevious: Bool
  var tailLines: Int?
  var limitBytes: Int?
  /// The time from which on lines are wanted; nil for all.
  var since: Timestamp?
  /// Whether each line is to come with its time.
  var showsTimes: Bool

  init(_ query: RequestQuery, pod: String, now: Timestamp) throws(APIFailure) {
    self.container = query["container"]
    self.follows = query.flag("follow") ?? false
    self.isPrevious = query.flag("previous") ?? false
    self.tailLines = try Self.number(query, "tailLines", from: 0, "must be greater than or equal to 0", pod)
    self.limitBytes = try Self.number(query, "limitBytes", from: 1, "must be greater than 0", pod)
    self.showsTimes = query.flag("timestamps") ?? false
    if let seconds = try Self.number(query, "sinceSeconds", from: 1, "must be greater than 0", pod) {
      guard query["sinceTime"] == nil else {
        let detail = "at most one of `sinceTime` or `sinceSeconds` may be specified"
        throw .invalid(Self.kind, pod, [.forbidden("", detail)])
      }
      self.since = Self.time(seconds, before: now)
    } else if let text = query["sinceTime"] {
      guard let time = Timestamp(text) else {
        throw .badRequest("parsing time \"\(text)\": it is not an RFC 3339 time")
      }
      self.since = time
    }
  }

  /// A time so many seconds ago; nil if that was before all times.
  private static func time(_ seconds: Int, before now: Timestamp) -> Timestamp? {
    now.secondsSinceEpoch < seconds ? nil : now.advanced(by: .seconds(-seconds))
  }

  private static let kind = GroupResource(group: "", resource: "PodLogOptions")

  private static func number(
    _ query: RequestQuery, _ name: String, from minimum: Int64, _ rule: String, _ pod: String
  ) throws(APIFailure) -> Int? {
    guard let text = query[name] else { return nil }
    guard let number = Int64(text) else {
      throw .badRequest("strconv.ParseInt: parsing \"\(text)\": invalid syntax")
    }
    guard number >= minimum else {
      throw .invalid(Self.kind, pod, [.invalid(name, .integer(number), rule)])
    }
    return Int(clamping: number)
  }
}
