import KubernetesModel
import UmpireLocal
import UmpireModel

/// What was found in manifests.
struct ManifestReport {
  private var entries: [Entry] = []
  private(set) var objectCount = 0
  private(set) var skippedCount = 0

  private struct Entry {
    var file: String
    /// Nil for what is said of a whole file, whose name then stands in the message.
    var document: ManifestDocument?
    var field: String?
    var reason: String?
    var message: String
    var severity: FieldProblem.Severity?
  }

  mutating func add(_ message: String, file: String) {
    self.entries.append(Entry(file: file, message: message, severity: .error))
  }

  mutating func add(_ message: String, _ document: ManifestDocument) {
    self.entries.append(Entry(file: document.file, document: document, message: message, severity: .error))
  }

  mutating func add(_ problems: [FieldProblem], _ document: ManifestDocument) {
    for problem in problems {
      self.entries.append(
        Entry(
          file: document.file, document: document, field: problem.fault.field, reason: problem.fault.reason,
          message: problem.fault.message, severity: problem.severity))
    }
  }

  mutating func count(_ document: ManifestDocument) { self.objectCount += 1 }

  mutating func skip(_ document: ManifestDocument) {
    self.skippedCount += 1
    self.entries.append(
      Entry(file: document.file, document: document, message: "not a kind of Umpire's, skipped", severity: nil))
  }

  mutating func countWarningsAsErrors() {
    for index in self.entries.indices where self.entries[index].severity == .warning {
      self.entries[index].severity = .error
    }
  }

  var errorCount: Int { self.entries.count { $0.severity == .error } }
  var warningCount: Int { self.entries.count { $0.severity == .warning } }

  // MARK: Writing

  /// A line for each problem, and one that counts them.
  var text: String {
    let lines = self.entries.map { entry in
      let place = entry.document.map { "\($0.file):\($0.number) \($0.subject): " } ?? ""
      let field = entry.field.map { "\($0): " } ?? ""
      return Self.printable(place + field + (entry.severity == .warning ? "warning: " : "") + entry.message) + "\n"
    }
    func counted(_ count: Int, _ name: String) -> String { "\(count) \(name)\(count == 1 ? "" : "s")" }
    return lines.joined()
      + "\(counted(self.objectCount, "object")), \(counted(self.errorCount, "error")), "
      + "\(counted(self.warningCount, "warning")), \(self.skippedCount) skipped\n"
  }

  /// A line without what a terminal would obey.
  private static func printable(_ line: String) -> String {
    String(
      String.UnicodeScalarView(
        line.unicodeScalars.map { $0.properties.generalCategory == .control ? "\u{FFFD}" : $0 }))
  }

  /// The same as one JSON document.
  var json: String {
    let problems = self.entries.filter { $0.severity != nil }.map { entry in
      var problem: JSONValue = [
        "file": .string(entry.file), "message": .string(entry.message),
        "severity": .string(entry.severity?.rawValue ?? ""),
      ]
      problem["field"] = entry.field.map(JSONValue.string)
      problem["reason"] = entry.reason.map(JSONValue.string)
      if let document = entry.document {
        problem["document"] = .integer(Int64(document.number))
        for (field, value) in [
          ("kind", document.object["kind"]), ("name", document.object["metadata"]?["name"]),
          ("namespace", document.object["metadata"]?["namespace"]),
        ] {
          problem[field] = value?.stringValue.map(JSONValue.string)
        }
      }
      return problem
    }
    let report: JSONValue = [
      "objects": .integer(Int64(self.objectCount)), "errors": .integer(Int64(self.errorCount)),
      "warnings": .integer(Int64(self.warningCount)), "skipped": .integer(Int64(self.skippedCount)),
      "problems": .array(problems),
    ]
    return String(decoding: report.serialized(), as: UTF8.self) + "\n"
  }
}

extension ManifestDocument {
  /// `Kind/name`, or as much of it as there is.
  fileprivate var subject: String {
    let kind = self.object["kind"]?.stringValue ?? "?"
    let metadata = self.object["metadata"]
    return "\(kind)/\(metadata?["name"]?.stringValue ?? metadata?["generateName"]?.stringValue ?? "?")"
  }
}
