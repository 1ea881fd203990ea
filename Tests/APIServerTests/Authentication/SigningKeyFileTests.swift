import FoundationEssentials
import TestSupport
import Testing

@testable import APIServer

struct SigningKeyFileTests {
  @Test func theKeyIsMadeOnceAndKept() async throws {
    try await withFolder { folder in
      let first = try SigningKeyFile.seed(in: folder)
      #expect(first.count == 32)
      #expect(try SigningKeyFile.seed(in: folder) == first)
      let path = "\(folder)/\(SigningKeyFile.name)"
      let attributes = try FileManager.default.attributesOfItem(atPath: path)
      #expect(attributes[.posixPermissions] as? Int == 0o600)
      // What an interrupted start has left behind does no harm.
      try Data().write(to: URL(filePath: "\(path).new"))
      try FileManager.default.removeItem(atPath: path)
      #expect(try SigningKeyFile.seed(in: folder) != first)
    }
  }

  @Test func aDamagedKeyIsReported() async throws {
    try await withFolder { folder in
      for text in ["", "AAAA", "not base64!", String(repeating: "A", count: 300)] {
        try Data(text.utf8).write(to: URL(filePath: "\(folder)/\(SigningKeyFile.name)"))
        let error = #expect(throws: APIServerError.self) { try SigningKeyFile.seed(in: folder) }
        #expect(error?.code == .signingKey)
      }
    }
  }

  @Test func aFolderThatIsNotThereIsReported() {
    let error = #expect(throws: APIServerError.self) { try SigningKeyFile.seed(in: "/nonexistent/folder") }
    #expect(error?.code == .signingKey)
  }
}
