import FoundationEssentials
import Logging

/// One event, as text.
struct LogLine: Sendable {
  var time: Date
  var level: Logger.Level
  var label: String
  var message: String
  var error: String?
  var metadata: Logger.Metadata

  /// The longest string in a line, in scalars; the rest is cut off.
  static let textLength = 4096
  /// How deep metadata may be nested.
  static let depth = 4

  /// One JSON object.
  var json: String {
    var text = "{\"time\":\"\(self.timestamp)\",\"level\":\"\(self.level.rawValue)\",\"label\":"
    Self.quote(self.label, into: &text)
    text += ",\"message\":"
    Self.quote(self.message, into: &text)
    if let error = self.error {
      text += ",\"error\":"
      Self.quote(error, into: &text)
    }
    if !self.metadata.isEmpty {
      text += ",\"metadata\":"
      Self.write(.dictionary(self.metadata), depth: 0, into: &text)
    }
    return text + "}"
  }

  /// One line for a person, with the time of day in UTC.
  var plain: String {
    let clock = self.timestamp.dropFirst(11).dropLast()
    var text = "\(clock) \(self.level.rawValue) \(self.label): \(Self.oneLine(self.message))"
    if let error = self.error { text += " error=\(Self.oneLine(error))" }
    for (key, value) in self.metadata.sorted(by: { $0.key < $1.key }) {
      text += " \(Self.oneLine(key))=\(Self.oneLine(value.description))"
    }
    return text
  }

  private var timestamp: String {
    self.time.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
  }

  private static func write(_ value: Logger.MetadataValue, depth: Int, into text: inout String) {
    switch value {
    case .string(let string): Self.quote(string, into: &text)
    case .stringConvertible(let value):
      switch value {
      case let number as Int: text += String(number)
      case let truth as Bool: text += truth ? "true" : "false"
      default: Self.quote(value.description, into: &text)
      }
    case .array where depth >= Self.depth, .dictionary where depth >= Self.depth: Self.quote("…", into: &text)
    case .array(let values):
      text += "["
      for (index, value) in values.enumerated() {
        if index > 0 { text += "," }
        Self.write(value, depth: depth + 1, into: &text)
      }
      text += "]"
    case .dictionary(let values):
      text += "{"
      for (index, entry) in values.sorted(by: { $0.key < $1.key }).enumerated() {
        if index > 0 { text += "," }
        Self.quote(entry.key, into: &text)
        text += ":"
        Self.write(entry.value, depth: depth + 1, into: &text)
      }
      text += "}"
    }
  }

  private static func quote(_ string: String, into text: inout String) {
    text += "\""
    var remaining = Self.textLength
    for scalar in string.unicodeScalars {
      remaining -= 1
      guard remaining >= 0 else {
        text += "…"
        break
      }
      switch scalar {
      case "\"": text += "\\\""
      case "\\": text += "\\\\"
      case "\n": text += "\\n"
      case "\r": text += "\\r"
      case "\t": text += "\\t"
      case "\u{0}"..."\u{1f}", "\u{7f}":
        let digits = String(scalar.value, radix: 16)
        text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: text.unicodeScalars.append(scalar)
      }
    }
    text += "\""
  }

  /// Control characters as spaces, so that no value can fake a line of its own.
  private static func oneLine(_ string: String) -> String {
    var text = String.UnicodeScalarView()
    for scalar in string.unicodeScalars.prefix(Self.textLength) {
      text.append(scalar.value < 0x20 || scalar.value == 0x7f ? " " : scalar)
    }
    return String(text)
  }
}
