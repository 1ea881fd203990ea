import HTTPTypes

/// How a response's body ends, and whether another request may follow on the connection that it came on.
struct ResponsePlan: Sendable, Hashable {
  /// How its body ends as it comes in.
  var body: BodyLength
  /// Whether the upstream server takes another request behind it.
  var keepsAlive: Bool

  /// - Parameter answersHead: whether the request's method was HEAD.
  /// - Throws: ``MessageError`` where two readers could disagree.
  init(_ head: ResponseHead, answersHead: Bool) throws(MessageError) {
    let lengths = head.fields[values: .contentLength]
    let codings = head.fields[values: .transferEncoding]
    guard lengths.isEmpty || codings.isEmpty else { throw .malformed("both Content-Length and Transfer-Encoding") }
    guard lengths.count <= 1, codings.count <= 1 else { throw .malformed("the length of the body stands there twice") }
    guard codings.allSatisfy({ $0.lowercased() == "chunked" }) else { throw .malformed("an unknown coding") }
    let count = lengths.first.map(DecimalCount.of)
    if let count, count == nil { throw .malformed("a Content-Length that is no number") }
    self.body =
      if answersHead || head.status < 200 || head.status == 204 || head.status == 304 {
        .none
      } else if !codings.isEmpty {
        .chunked
      } else if case .some(.some(let count)) = count {
        .counted(count)
      } else {
        .untilClose
      }
    self.keepsAlive =
      head.minorVersion == 1 && self.body != .untilClose && !head.fields.connectionOptions.contains("close")
  }
}
