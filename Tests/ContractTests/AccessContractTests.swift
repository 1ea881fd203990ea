import FoundationEssentials
import Testing

/// The roles of the manifests grant what is used, and nothing else.
@Suite(.timeLimit(.minutes(3))) struct AccessContractTests {
  @Test(arguments: ContractBackend.available)
  func everyRightIsUsedAndNoneIsMissing(on backend: ContractBackend) async throws {
    let record = AccessRecord()
    try await backend.run { try await AccessScene(cluster: $0, record: record).play() }
    #expect(record.forbidden == [])
    var uses = record.all
    var lines: [String] = []
    // An action counts for the narrowest role that grants it.
    for right in try AccessRight.all() {
      let use = uses.first { right.covers($0) }
      #expect(use != nil, "nothing needs \(right)")
      if right.namespace != nil { uses.removeAll { right.covers($0) } }
      lines.append("\(right) | \(use?.request ?? "nothing")")
    }
    if let path = ProcessInfo.processInfo.environment["UMPIRE_TEST_ACCESS_TABLE"] {
      try (lines.joined(separator: "\n") + "\n").write(toFile: path, atomically: true, encoding: .utf8)
    }
  }

  @Test func theTableOfTheDocumentationHasEveryRight() throws {
    let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../docs/access.md")
    var role = ""
    var documented: Set<String> = []
    for line in try String(contentsOf: file, encoding: .utf8).split(separator: "\n") {
      let parts = line.split(separator: "`", omittingEmptySubsequences: false)
      if line.hasPrefix("## `") { role = String(parts[1]) }
      if line.hasPrefix("| `") { documented.insert("\(role): \(parts[1])") }
    }
    #expect(documented == Set(try AccessRight.all().map(\.description)))
  }
}
