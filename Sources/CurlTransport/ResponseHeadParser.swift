import HTTPTypes

/// Makes a response's head out of the lines that libcurl hands over one at a time.
///
/// Interim responses (1xx) are skipped. What comes after the head is trailers; they are counted and dropped.
struct ResponseHeadParser {
  /// What a line led to.
  enum OnLine: Equatable {
    /// The head goes on, or the line is of no interest.
    case none
    /// The head is complete.
    case head(HTTPResponse)
    /// More bytes came than a head may have.
    case tooLarge
    /// The line does not belong into a head.
    case malformed
  }

  private enum State {
    case waitingForStatus
    case fields(HTTPResponse)
    case complete
  }

  private let limit: Int
  private let cache: FieldCache
  private var count = 0
  private var state: State = .waitingForStatus

  /// Whether any byte of an answer has arrived.
  var hasBegun: Bool { self.count > 0 }
  /// Whether the head has been handed over.
  var isComplete: Bool { if case .complete = self.state { true } else { false } }

  /// Creates a parser that accepts `limit` bytes of head and trailers.
  init(limit: Int, cache: FieldCache) {
    self.limit = limit
    self.cache = cache
  }

  /// Takes one line with its line ending.
  mutating func receive(_ bytes: UnsafeRawBufferPointer) -> OnLine {
    self.count += bytes.count
    guard self.count <= self.limit else { return .tooLarge }
    var end = bytes.count
    while end > 0, bytes[end - 1] == UInt8(ascii: "\n") || bytes[end - 1] == UInt8(ascii: "\r") { end -= 1 }
    let line = UnsafeRawBufferPointer(rebasing: bytes[..<end])
    switch self.state {
    case .complete:
      return .none
    case .waitingForStatus:
      if line.isEmpty { return .none }
      guard let status = Self.status(line) else { return .malformed }
      self.state = .fields(HTTPResponse(status: status))
      return .none
    case .fields(let head) where line.isEmpty:
      let isInterim = head.status.kind == .informational
      self.state = isInterim ? .waitingForStatus : .complete
      return isInterim ? .none : .head(head)
    case .fields(var head):
      self.state = .waitingForStatus  // lets go of the copy, so that the field is appended in place
      if let field = self.cache.field(line) { head.headerFields.append(field) }
      self.state = .fields(head)
      return .none
    }
  }

  private static func status(_ line: UnsafeRawBufferPointer) -> HTTPResponse.Status? {
    guard line.starts(with: "HTTP/".utf8), let space = line.firstIndex(of: UInt8(ascii: " ")) else { return nil }
    let rest = line[line.index(after: space)...]
    let digits = rest.prefix(3)
    guard digits.count == 3, rest.dropFirst(3).first ?? UInt8(ascii: " ") == UInt8(ascii: " ") else { return nil }
    var code = 0
    for digit in digits {
      guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { return nil }
      code = code * 10 + Int(digit - UInt8(ascii: "0"))
    }
    guard code >= 100 else { return nil }
    return HTTPResponse.Status(code: code, reasonPhrase: String(decoding: rest.dropFirst(4), as: UTF8.self))
  }
}
