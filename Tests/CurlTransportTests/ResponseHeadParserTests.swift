import HTTPTypes
import Testing

@testable import CurlTransport

struct ResponseHeadParserTests {
  private func feed(_ lines: [String], limit: Int = 1000) -> [ResponseHeadParser.OnLine] {
    var parser = ResponseHeadParser(limit: limit, cache: FieldCache())
    return lines.map { line in Array(line.utf8).withUnsafeBytes { parser.receive($0) } }
  }

  @Test func readsAHead() throws {
    let outcomes = self.feed(["HTTP/1.1 404 Not Found\r\n", "A: 1\r\n", "B:  two \t\r\n", "a:3\r\n", "C:\r\n", "\r\n"])
    #expect(outcomes.dropLast().allSatisfy { $0 == .none })
    guard case .head(let head) = try #require(outcomes.last) else { return #expect(Bool(false)) }
    #expect(head.status.code == 404)
    #expect(head.status.reasonPhrase == "Not Found")
    #expect(head.headerFields[values: .init("A")!] == ["1", "3"])
    #expect(head.headerFields[.init("B")!] == "two")
    #expect(head.headerFields[.init("C")!] == "")
  }

  @Test func readsAHeadOfHTTP2() {
    let outcomes = self.feed(["HTTP/2 200 \r\n", "\r\n"])
    #expect(outcomes == [.none, .head(HTTPResponse(status: .ok))])
  }

  @Test func skipsInterimHeadsAndTrailers() {
    let outcomes = self.feed([
      "HTTP/1.1 100 Continue\r\n", "\r\n", "HTTP/1.1 204\r\n", "\r\n", "Trailer: x\r\n", "\r\n",
    ])
    #expect(outcomes == [.none, .none, .none, .head(HTTPResponse(status: .noContent)), .none, .none])
  }

  @Test func dropsFieldsThatHaveNoName() {
    let outcomes = self.feed(["HTTP/1.1 204 \r\n", "no colon\r\n", "bad name: x\r\n", ": x\r\n", " folded\r\n", "\r\n"])
    #expect(outcomes.last == .head(HTTPResponse(status: .noContent)))
  }

  @Test(arguments: [
    "HTTP/1.1\r\n", "HTTP/1.1 20\r\n", "HTTP/1.1 2000\r\n", "HTTP/1.1 0x1 \r\n", "HTTP/1.1 099 \r\n", "x\r\n",
  ])
  func refusesAStatusLine(_ line: String) {
    #expect(self.feed([line]) == [.malformed])
  }

  @Test func countsEveryByte() {
    let outcomes = self.feed(["HTTP/1.1 200 OK\r\n", "A: 1\r\n", "A: 2\r\n"], limit: 23)
    #expect(outcomes == [.none, .none, .tooLarge])
  }
}
