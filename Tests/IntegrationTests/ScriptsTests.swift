import FoundationEssentials
import Subprocess
import SystemPackage
import Testing

/// The two commands of the README begin with this one; what they do beyond it is the tests themselves and the demo.
@Suite struct ScriptsTests {
  private static var root: String {
    let path = #filePath
    return path.components(before: "/Tests/")
  }

  @Test func theInstallerFindsEverythingThatTheBuildHasUsed() async throws {
    let result = try await Subprocess.run(
      .path(FilePath("\(Self.root)/scripts/install")), output: .string(limit: 64 << 10),
      error: .string(limit: 64 << 10))
    #expect(result.terminationStatus == .exited(0))
    #expect(result.standardOutput.contains("install: Swift 6."))
  }

  @Test func anOptionThatTheInstallerDoesNotKnowIsRefused() async throws {
    let result = try await Subprocess.run(
      .path(FilePath("\(Self.root)/scripts/install")), arguments: ["--everything"], output: .discarded,
      error: .string(limit: 64 << 10))
    #expect(result.terminationStatus == .exited(64))
    #expect(result.standardError.contains("usage: scripts/install"))
  }
}

extension String {
  fileprivate func components(before text: String) -> String {
    self.firstRange(of: text).map { String(self[..<$0.lowerBound]) } ?? self
  }
}
