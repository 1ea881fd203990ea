import UmpireModel

extension CheckReport {
  /// The report for a person.
  package var table: String {
    var text = "\(self.url), \(self.dialect.rawValue)\n"
    var type: WebhookType?
    for line in self.results {
      if line.type != type { text += "\n\(line.type.rawValue)\n" }
      type = line.type
      text += Self.row(line)
    }
    if !self.unserved.isEmpty { text += "\n" }
    for unserved in self.unserved { text += "\(unserved.type.rawValue) is not served: \(unserved.received)\n" }
    return text + "\n" + self.conclusion + "\n"
  }

  private static func row(_ line: Line) -> String {
    let word: String
    var detail = ""
    var fault: Verdict.Fault?
    switch line.verdict {
    case .passed(let what): (word, detail) = ("ok", what)
    case .skipped(let why): (word, detail) = ("-", why)
    case .failed(let what): (word, fault) = (line.isRequired ? "FAILED" : "advice", what)
    }
    var text = "  \(Self.padded(word, 8))\(Self.padded(line.isRequired ? "required" : "advice", 10))"
    text += detail.isEmpty ? line.check.title : Self.padded(line.check.title, 48) + detail
    text += "\n"
    if let fault {
      for (name, value) in [
        ("sent", fault.sent), ("got", fault.received), ("do", fault.remedy ?? line.check.remedy),
      ] {
        text += "            \(Self.padded(name + ":", 6))\(value)\n"
      }
    }
    return text
  }

  private static func padded(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(width - text.count, 1))
  }

  private var conclusion: String {
    guard !self.results.isEmpty else {
      return "FAILED: it serves none of the types; name those that it should with --type"
    }
    let required = self.failureCount(required: true)
    let advice = self.failureCount(required: false)
    let passed = self.results.count { if case .passed = $0.verdict { true } else { false } }
    let skipped = self.results.count - passed - required - advice
    return (required == 0 ? "passed" : "FAILED")
      + ": \(passed) as they should be, \(required) required failed, \(advice) with advice, \(skipped) not looked at"
  }
}
