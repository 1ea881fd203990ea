import Testing

@testable import ServerSupport

struct FirstBytesTests {
  private static let beginnings = ["GET /watch ", "GET /watch?"].map { Array($0.utf8) }

  @Test(arguments: [
    ("", FirstBytes.undecided), ("G", .undecided), ("GET /watch", .undecided), ("GET /watch ", .stream),
    ("GET /watch?a=b HTTP/1.1\r\n\r\n", .stream), ("GET /watch HTTP/1.1\r\n", .stream), ("GET /watches ", .other),
    ("GET /wat?", .other), ("get /watch ", .other), ("POST /watch ", .other), (" GET /watch ", .other),
    ("\u{16}\u{3}\u{1}", .other),
  ])
  func theBeginningTells(bytes: String, expected: FirstBytes) {
    #expect(FirstBytes(Array(bytes.utf8), beginnings: Self.beginnings) == expected)
  }

  @Test func withoutStreamsNothingIsOne() { #expect(FirstBytes([0x47], beginnings: []) == .other) }
}
