import HTTPTypes
import Testing

@testable import CurlTransport

struct FieldCacheTests {
  private let cache = FieldCache()

  private func field(_ line: String) -> HTTPField? {
    Array(line.utf8).withUnsafeBytes { self.cache.field($0) }
  }

  @Test func aLineIsReadAlikeEachTime() throws {
    for _ in 0..<3 {
      let field = try #require(self.field("Content-Type: \t application/json "))
      #expect(field.name == .contentType)
      #expect(field.name.rawName == "Content-Type")
      #expect(field.value == "application/json")
    }
  }

  /// More lines than there is room for, of which many have one place.
  @Test func noLineIsTakenForAnother() throws {
    for round in 0..<2 {
      for number in 0..<1000 {
        let field = try #require(self.field("X-Number-\(number): \(number * 7)"), "round \(round)")
        #expect(field.name.rawName == "X-Number-\(number)")
        #expect(field.value == "\(number * 7)")
      }
    }
  }

  @Test(arguments: ["no colon", "bad name: x", ": x", "", " folded"])
  func whatIsNoFieldIsNeverOne(_ line: String) {
    for _ in 0..<2 { #expect(self.field(line) == nil) }
  }

  @Test func aLongLineIsReadToo() throws {
    let value = String(repeating: "v", count: 4000)
    #expect(self.field("X-Long: \(value)")?.value == value)
  }
}
