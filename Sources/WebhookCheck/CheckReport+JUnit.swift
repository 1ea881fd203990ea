import UmpireModel

extension CheckReport {
  /// The report as the JUnit XML that build servers read: a suite for each type, a case for each check.
  ///
  /// What is advice alone never fails a build; it counts as skipped and says why.
  package var junit: String {
    var xml = #"<?xml version="1.0" encoding="UTF-8"?>"# + "\n"
    let failures = self.failureCount(required: true) + (self.results.isEmpty ? 1 : 0)
    xml += #"<testsuites name="umpire webhook check" tests="\#(max(self.results.count, 1))" failures="\#(failures)">"#
    xml += "\n"
    for type in WebhookType.allCases {
      let lines = self.results.filter { $0.type == type }
      if !lines.isEmpty { xml += self.suite(type, lines) }
    }
    if self.results.isEmpty {
      let received = self.unserved.map { "\($0.type.rawValue): \($0.received)" }.joined(separator: "\n")
      xml += #"  <testsuite name="endpoint" tests="1" failures="1" skipped="0">"# + "\n"
      xml += "    <testcase classname=\"\(Self.escaped(self.url))\" name=\"serves a type\">"
      xml += "<failure message=\"it serves none of the types\">\(Self.escaped(received))</failure></testcase>\n"
      xml += "  </testsuite>\n"
    }
    return xml + "</testsuites>\n"
  }

  private func suite(_ type: WebhookType, _ lines: [Line]) -> String {
    var (cases, failures, skipped) = ("", 0, 0)
    for line in lines {
      let time = Int64((line.duration / .milliseconds(1)).rounded())
      cases += "    <testcase classname=\"\(Self.escaped("\(self.url) \(type.rawValue)"))\""
      cases += " name=\"\(Self.escaped(line.check.title))\" time=\"\(Self.seconds(milliseconds: time))\""
      switch line.verdict {
      case .passed: cases += "/>\n"
      case .skipped(let why):
        skipped += 1
        cases += "><skipped message=\"\(Self.escaped(why))\"/></testcase>\n"
      case .failed(let fault):
        let remedy = fault.remedy ?? line.check.remedy
        let text = "sent: \(fault.sent)\ngot: \(fault.received)\ndo: \(remedy)"
        if line.isRequired {
          failures += 1
          cases += "><failure message=\"\(Self.escaped(fault.received))\">\(Self.escaped(text))</failure></testcase>\n"
        } else {
          skipped += 1
          cases += "><skipped message=\"\(Self.escaped("advice: \(remedy)"))\"/>"
          cases += "<system-out>\(Self.escaped(text))</system-out></testcase>\n"
        }
      }
    }
    let counts = "tests=\"\(lines.count)\" failures=\"\(failures)\" skipped=\"\(skipped)\""
    return "  <testsuite name=\"\(type.rawValue)\" \(counts)>\n\(cases)  </testsuite>\n"
  }

  private static func seconds(milliseconds: Int64) -> String {
    let fraction = String(milliseconds % 1000)
    return "\(milliseconds / 1000)." + String(repeating: "0", count: 3 - fraction.count) + fraction
  }

  /// Text as it may stand in an attribute or between tags; characters that XML has no place for become `?`.
  static func escaped(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "'": result += "&apos;"
      // In an attribute they would become spaces.
      case "\n", "\t", "\r": result += "&#\(scalar.value);"
      case "\u{0}"..<"\u{20}", "\u{FFFE}"..."\u{FFFF}": result += "?"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
