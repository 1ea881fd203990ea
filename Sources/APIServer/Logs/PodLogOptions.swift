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

  init(_ query: RequestQuery, pod: String) throws(APIFailure) {
    self.container = query["container"]
    self.follows = query.flag("follow") ?? false
    self.isPrevious = query.flag("previous") ?? false
    self.tailLines = try Self.number(query, "tailLines", from: 0, "must be greater than or equal to 0", pod)
    self.limitBytes = try Self.number(query, "limitBytes", from: 1, "must be greater than 0", pod)
    for name in ["sinceSeconds", "sinceTime"] where query[name] != nil {
      throw .badRequest("\(name) is not served: lines are kept without the time at which they were written")
    }
    if query.flag("timestamps") == true {
      throw .badRequest("timestamps is not served: lines are kept without the time at which they were written")
    }
  }

  private static func number(
    _ query: RequestQuery, _ name: String, from minimum: Int64, _ rule: String, _ pod: String
  ) throws(APIFailure) -> Int? {
    guard let text = query[name] else { return nil }
    guard let number = Int64(text) else {
      throw .badRequest("strconv.ParseInt: parsing \"\(text)\": invalid syntax")
    }
    guard number >= minimum else {
      let kind = GroupResource(group: "", resource: "PodLogOptions")
      throw .invalid(kind, pod, [.invalid(name, .integer(number), rule)])
    }
    return Int(clamping: number)
  }
}
