import KubernetesModel

/// What of a log's lines is shown: those from a time on, with their times or without, and so many bytes of them.
///
/// A line stands behind its time, as the node writes it. One without a time is shown as it is.
struct LogLines: Sendable {
  /// The bytes of `2026-01-02T03:04:05.000000Z` and the space after it.
  private static let markBytes = 28

  /// The time from which on lines are shown, written as in the log; empty for all.
  private let since: [UInt8]
  private let showsTimes: Bool
  /// How many bytes may still be shown; nil for no bound.
  private var remaining: Int?
  /// The beginning of a line of which too little is there to tell its time.
  private var pending: [UInt8] = []
  /// Whether the line whose time is known is shown; nil at the beginning of a line.
  private var isShown: Bool?

  init(since: Timestamp? = nil, showsTimes: Bool = false, limitBytes: Int? = nil) {
    self.since = since.map { Array($0.formatted(fraction: true).utf8) } ?? []
    self.showsTimes = showsTimes
    self.remaining = limitBytes
  }

  /// Whether as much has been shown as was asked for.
  var isExhausted: Bool { self.remaining == 0 }

  /// What is shown of the next bytes of the log.
  mutating func shown(of bytes: [UInt8]) -> [UInt8] {
    let bytes = self.pending + bytes
    self.pending = []
    var rest = bytes[...]
    var shown: [UInt8] = []
    while !rest.isEmpty {
      let end = rest.firstIndex(of: UInt8(ascii: "\n"))
      let line = end.map { rest[...$0] } ?? rest
      if self.isShown == nil {
        if end == nil, line.count < Self.markBytes, Self.mayBeMark(line) {
          self.pending = Array(line)
          break
        }
        rest = rest.dropFirst(self.begin(line, &shown))
        continue
      }
      if self.isShown == true { shown += line }
      if end != nil { self.isShown = nil }
      rest = rest[line.endIndex...]
    }
    if let remaining = self.remaining {
      shown = Array(shown.prefix(remaining))
      self.remaining = remaining - shown.count
    }
    return shown
  }

  /// Decides over a line by its time, and returns how many bytes of it that took.
  private mutating func begin(_ line: ArraySlice<UInt8>, _ shown: inout [UInt8]) -> Int {
    let mark = line.prefix(Self.markBytes)
    guard mark.count == Self.markBytes, Self.mayBeMark(mark) else {
      self.isShown = true
      return 0
    }
    // Times of one form are in the order of their texts.
    let isShown = !mark.lexicographicallyPrecedes(self.since)
    self.isShown = isShown
    if isShown, self.showsTimes { shown += mark }
    return mark.count
  }

  /// Whether bytes are a time and a space, as far as they go.
  private static func mayBeMark(_ bytes: ArraySlice<UInt8>) -> Bool {
    zip(bytes, "dddd-dd-ddTdd:dd:dd.ddddddZ ".utf8).allSatisfy { byte, form in
      form == UInt8(ascii: "d") ? (0x30...0x39).contains(byte) : byte == form
    }
  }
}
