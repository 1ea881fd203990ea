/// Why an expression cannot be used: everything that is wrong with it, each with its place.
package struct CompilationError: Error, Sendable, Hashable, CustomStringConvertible {
  /// One fault.
  package struct Issue: Sendable, Hashable {
    /// Where, in code points from the start of the expression; nil for the whole.
    package var offset: Int?
    /// What is wrong, in the words of cel-go.
    package var message: String
  }

  /// How many faults a text shows at most.
  private static let maximumIssues = 100

  /// The faults in the order of their places; at least one.
  package let issues: [Issue]
  /// The faults with their lines of the expression and a mark below each, as cel-go prints them.
  package let description: String

  init(_ issues: [Issue], in source: [Unicode.Scalar]) {
    self.issues = issues.enumerated().sorted {
      ($0.element.offset ?? -1, $0.offset) < ($1.element.offset ?? -1, $1.offset)
    }.map(\.element)
    self.description = self.issues.prefix(Self.maximumIssues).map { Self.text($0, source) }.joined(separator: "\n")
  }

  private static func text(_ issue: Issue, _ source: [Unicode.Scalar]) -> String {
    guard let offset = issue.offset else { return "ERROR: <input>:-1:0: \(issue.message)" }
    let before = source.prefix(offset)
    let line = before.count { $0 == "\n" } + 1
    let start = before.lastIndex(of: "\n").map { $0 + 1 } ?? 0
    let end = source[start...].firstIndex(of: "\n") ?? source.endIndex
    let column = offset - start
    var text = "ERROR: <input>:\(line):\(column + 1): \(issue.message)\n | "
    text.unicodeScalars.append(contentsOf: source[start..<end].map { $0 == "\t" ? " " : $0 })
    return "\(text)\n | \(String(repeating: ".", count: column))^"
  }
}
