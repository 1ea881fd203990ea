import FoundationEssentials
import Testing

@testable import ServerSupport

struct BoundedFileTests {
  @Test func readsWhatIsNotTooLarge() throws {
    let path = FileManager.default.temporaryDirectory.appending(path: "bounded-\(UUID().uuidString)").path
    let bytes = (0..<200_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    try Data(bytes).write(to: URL(filePath: path))
    defer { try? FileManager.default.removeItem(atPath: path) }
    #expect(try BoundedFile.read(path) == bytes)
    #expect(try BoundedFile.read(path, upTo: bytes.count) == bytes)
    let error = #expect(throws: BoundedFileError.self) { try BoundedFile.read(path, upTo: bytes.count - 1) }
    #expect(error?.code == .tooLarge)
  }

  @Test(arguments: [
    ("/nowhere/at-all", BoundedFileError.Code.missing), ("/dev/zero", .tooLarge), ("/", .unreadable),
  ])
  func saysWhyNot(path: String, code: BoundedFileError.Code) {
    let error = #expect(throws: BoundedFileError.self) { try BoundedFile.read(path, upTo: 4096) }
    #expect(error?.code == code)
    #expect(error?.message.hasPrefix(path) == true)
  }
}
