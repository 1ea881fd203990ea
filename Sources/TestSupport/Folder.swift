import FoundationEssentials

/// Runs `body` with a folder of its own and removes it afterwards.
@discardableResult
package func withFolder<Result>(_ body: (String) async throws -> Result) async throws -> Result {
  let path = FileManager.default.temporaryDirectory.path + "/umpire-test-\(UUID().uuidString)"
  try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(atPath: path) }  // A left-over folder harms nobody.
  return try await body(path)
}
