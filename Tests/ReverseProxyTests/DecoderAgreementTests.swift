import HTTPTypes
import NIOCore
import NIOEmbedded
import NIOHTTP1
import Testing

@testable import ReverseProxy

/// Whatever this parser takes for a request, another one takes for the same: llhttp, through SwiftNIO.
struct DecoderAgreementTests {
  /// What another parser makes of some bytes.
  private final class Collector: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    var heads: [HTTPRequestHead] = []
    var bodies: [String] = []
    var failure: (any Error)?

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      switch self.unwrapInboundIn(data) {
      case .head(let head):
        self.heads.append(head)
        self.bodies.append("")
      case .body(let bytes): self.bodies[self.bodies.count - 1] += String(buffer: bytes)
      case .end: ()
      }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { self.failure = error }
  }

  /// Requests as they come, and the marks that are put into them.
  private static let seeds = [
    "GET /a?b HTTP/1.1\r\nHost: a\r\nA: b\r\n\r\n", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc",
    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x\r\nde\r\n0\r\nT: 1\r\n\r\n",
    "PUT / HTTP/1.0\r\nHost: a\r\nContent-Length: 1\r\nConnection: keep-alive\r\n\r\na",
  ]
  private static let marks = [
    "\r", "\n", "\r\n", " ", "\t", "\u{0}", ":", "0", "9", "a", ",", ";", "\u{7f}", "\u{b}", "Content-Length: 1\r\n",
    "Transfer-Encoding: chunked\r\n", "Transfer-Encoding : chunked\r\n", "\u{e9}", "-", "+", "0x",
  ]

  private static let methods: Set = ["GET", "POST", "PUT"]

  /// What the proxy takes: the heads, and the bodies.
  private static func ours(_ bytes: [UInt8]) -> [(head: RequestHead, body: String)] {
    var input = ByteBuffer(bytes: bytes)
    var taken: [(RequestHead, String)] = []
    do {
      while input.readableBytes > 0 {
        var scanner = HeadScanner()
        guard let head = try scanner.next(&input, limit: 16 << 10) else { return taken }
        let request = try RequestHead(parsing: head)
        let plan = try RequestPlan(request)
        var decoder = BodyDecoder(plan.body, trailerLimit: 1000)
        var body = ""
        parts: while true {
          guard let part = try decoder.next(&input) else { return taken }
          switch part {
          case .bytes(let bytes): body += String(buffer: bytes)
          case .end: break parts
          }
        }
        taken.append((request, body))
        if !plan.keepsAlive { return taken }
      }
    } catch {
      return taken
    }
    return taken
  }

  @Test func whatIsTakenMeansTheSameToAnotherParser() throws {
    var taken = 0
    for seed in Self.seeds {
      let bytes = Array(seed.utf8)
      for place in 0...bytes.count {
        for mark in Self.marks + [""] {
          // Put in, put in the place of a byte, and, without a mark, taken out.
          for isPutInPlace in [false, true] where place < bytes.count || !isPutInPlace {
            let changed =
              Array(bytes[..<place]) + Array(mark.utf8) + Array(bytes[(isPutInPlace ? place + 1 : place)...])
            let ours = Self.ours(changed)
            // The other one knows certain methods only.
            guard !ours.isEmpty, ours.allSatisfy({ Self.methods.contains($0.head.method) }) else { continue }
            let collector = Collector()
            let decoder = ByteToMessageHandler(HTTPRequestDecoder())
            let channel = EmbeddedChannel(handlers: [decoder, collector])
            // Where it finds an error, what it took before counts.
            _ = try? channel.writeInbound(ByteBuffer(bytes: changed))
            let theirs = Array(zip(collector.heads, collector.bodies))
            let text = String(decoding: changed, as: UTF8.self)
            // It refuses some of what we take, such as blanks behind a chunk's size; what is passed on is written anew.
            guard collector.failure == nil else { continue }
            taken += 1
            #expect(theirs.count >= ours.count, "\(text.debugDescription)")
            for (own, other) in zip(ours, theirs) {
              #expect(own.head.method == other.0.method.rawValue, "\(text.debugDescription)")
              #expect(own.head.target == other.0.uri, "\(text.debugDescription)")
              #expect(own.head.fields.map(\.name.rawName) == other.0.headers.map(\.name), "\(text.debugDescription)")
              #expect(own.body == other.1, "\(text.debugDescription)")
            }
          }
        }
      }
    }
    #expect(taken > 500)
  }
}
