import Yams

/// Why a text cannot be read.
package struct YAMLFault: Error, Sendable, Hashable, CustomStringConvertible {
  /// The line, from 1; nil if the text as a whole is meant.
  package var line: Int?
  /// The column, from 1; nil if the whole line is meant.
  package var column: Int?
  /// What is wrong, without the text around it: that may hold a secret.
  package var detail: String

  init(line: Int? = nil, column: Int? = nil, detail: String) {
    self.line = line
    self.column = column
    self.detail = detail
  }

  init(_ error: any Error) {
    if let fault = error as? YAMLFault {
      self = fault
      return
    }
    switch error as? YamlError {
    case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
      .composer(let context, let problem, let mark, _):
      let before = context.map { "\($0.text.trimmed): " } ?? ""
      self.init(line: mark.line, column: mark.column, detail: "not YAML: \(before)\(problem)")
    case .duplicatedKeysInMapping(let duplicates, let context):
      self.init(line: context.mark.line, detail: "the same key twice: \(duplicates.joined(separator: ", "))")
    case .reader(let problem, let offset, _, _):
      self.init(detail: "not YAML: \(problem) at byte \(offset ?? 0)")
    default: self.init(detail: "not YAML")
    }
  }

  /// The place and what is wrong: `line 2, column 1: not YAML: did not find expected node content`.
  package var description: String {
    let place = [self.line.map { "line \($0)" }, self.column.map { "column \($0)" }].compactMap { $0 }
    return (place.isEmpty ? "" : "\(place.joined(separator: ", ")): ") + self.detail
  }
}

extension String {
  fileprivate var trimmed: String {
    String(self.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
  }
}
