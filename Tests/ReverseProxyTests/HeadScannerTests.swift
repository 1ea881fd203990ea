import NIOCore
import Testing

@testable import ReverseProxy

struct HeadScannerTests {
  @Test(arguments: 1...8)
  func aHeadIsTheSameHoweverItComes(size: Int) throws {
    let text = "GET / HTTP/1.1\r\nHost: a\tb\r\n\r\nrest"
    var scanner = HeadScanner()
    var input = ByteBuffer()
    var head: [UInt8]?
    for start in stride(from: 0, to: text.utf8.count, by: size) {
      input.writeBytes(Array(text.utf8).dropFirst(start).prefix(size))
      if head == nil { head = try scanner.next(&input, limit: 100) }
    }
    #expect(head == Array("GET / HTTP/1.1\r\nHost: a\tb\r\n\r\n".utf8))
    #expect(String(buffer: input) == "rest")
  }

  @Test(arguments: [
    "GET / HTTP/1.1\nHost: a\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\n\r\n", "GET / HTTP/1.1\rHost: a\r\n\r\n",
    "GET / HTTP/1.1\r\nA: b\u{0}\r\n\r\n", "GET / HTTP/1.1\r\nA: b\u{7f}\r\n\r\n", "GET / HTTP/1.1\r\nA: b\u{b}c\r\n",
    "\u{16}\u{3}\u{1}", "GET / HTTP/1.1\r\n\r\r\n", "GET / HTTP/1.1\r\r\n",
  ])
  func aStrayControlCharacterIsRefusedAtOnce(text: String) throws {
    var scanner = HeadScanner()
    var input = ByteBuffer(string: text)
    #expect(throws: MessageError.self) { try scanner.next(&input, limit: 100) }
  }

  @Test func theLimitHoldsAlsoWhereTheEndIsNear() throws {
    var fits = ByteBuffer(string: String(repeating: "a", count: 96) + "\r\n\r\n")
    var scanner = HeadScanner()
    #expect(try scanner.next(&fits, limit: 100)?.count == 100)
    var isLarger = ByteBuffer(string: String(repeating: "a", count: 97) + "\r\n\r\n")
    #expect(throws: MessageError.tooLarge) { try scanner.next(&isLarger, limit: 100) }
  }
}
