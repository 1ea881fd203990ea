import NIOCore
import Testing

@testable import ReverseProxy

/// The relay as a value: which side is read when, and what ends what.
struct RelayTests {
  private static let get = "GET / HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer t\r\n\r\n"
  private static let post = "POST / HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer t\r\nContent-Length: 1000\r\n\r\n"
  private static let ok = "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"

  private static func rules(_ limits: ProxyLimits = ProxyLimits()) -> RelayRules {
    RelayRules(
      limits: limits, realm: "r", queryParameter: nil, trustsForwarded: false, peer: "1.2.3.4",
      isValid: { $0.elementsEqual("t".utf8) })
  }

  private let start = NIODeadline.now()

  private func opened(_ limits: ProxyLimits = ProxyLimits()) -> Relay {
    var relay = Relay(Self.rules(limits))
    _ = relay.handle(.opened, at: self.start)
    return relay
  }

  private func bytes(_ text: String) -> ByteBuffer { ByteBuffer(string: text) }

  @Test func theClientIsReadOnlyWhileTheGameTakesWhatItSends() {
    var relay = self.opened()
    #expect(relay.wantsClientBytes)
    let actions = relay.handle(.clientBytes(self.bytes(Self.post + "abc")), at: self.start)
    #expect(actions == [.connect])
    // Nothing is read for a game that has not been reached.
    #expect(!relay.wantsClientBytes)
    let sent = relay.handle(.upstreamOpened, at: self.start)
    #expect(sent.last == .toUpstream(self.bytes("abc")) && sent.count == 2)
    #expect(relay.wantsClientBytes)
    _ = relay.handle(.upstreamWritable(false), at: self.start)
    #expect(!relay.wantsClientBytes)
    _ = relay.handle(.upstreamWritable(true), at: self.start)
    #expect(relay.wantsClientBytes)
    // Once the request is with the game, the next one waits outside.
    _ = relay.handle(.clientBytes(self.bytes(String(repeating: "x", count: 997))), at: self.start)
    #expect(!relay.wantsClientBytes)
  }

  @Test func theGameIsReadOnlyWhileTheClientTakesWhatItSends() {
    var relay = self.opened()
    _ = relay.handle(.clientBytes(self.bytes(Self.get)), at: self.start)
    _ = relay.handle(.upstreamOpened, at: self.start)
    #expect(relay.wantsUpstreamBytes)
    _ = relay.handle(.upstreamBytes(self.bytes(Self.ok + "abc")), at: self.start)
    _ = relay.handle(.clientWritable(false), at: self.start)
    #expect(!relay.wantsUpstreamBytes)
    _ = relay.handle(.clientWritable(true), at: self.start)
    #expect(relay.wantsUpstreamBytes)
  }

  @Test func bothDirectionsOfATunnelAreHeldBackByThemselves() {
    var relay = self.opened()
    let lines = "GET / HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer t\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n"
    _ = relay.handle(.clientBytes(self.bytes(lines)), at: self.start)
    _ = relay.handle(.upstreamOpened, at: self.start)
    _ = relay.handle(
      .upstreamBytes(self.bytes("HTTP/1.1 101 A\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n")), at: self.start)
    #expect(relay.wantsClientBytes && relay.wantsUpstreamBytes)
    _ = relay.handle(.clientWritable(false), at: self.start)
    #expect(relay.wantsClientBytes && !relay.wantsUpstreamBytes)
    _ = relay.handle(.upstreamWritable(false), at: self.start)
    #expect(!relay.wantsClientBytes && !relay.wantsUpstreamBytes)
  }

  @Test func aClientThatReadsNoAnswersIsNotAnsweredOn() {
    var relay = self.opened()
    let request = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"
    // An answer for each turn, however many requests have come at once.
    let first = relay.handle(.clientBytes(self.bytes(String(repeating: request, count: 100))), at: self.start)
    #expect(first.contains(.answered(401)) && first.count == 3)
    _ = relay.handle(.clientWritable(false), at: self.start)
    #expect(!relay.wantsClientBytes)
    #expect(relay.handle(.clientBytes(self.bytes(request)), at: self.start).isEmpty)
    #expect(relay.handle(.clientWritable(true), at: self.start).count == 3)
  }

  @Test func anAnswerIsTheSameHoweverItIsCut() {
    let answer =
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n10;x=y\r\n0123456789abcdef\r\n0\r\nT: 1\r\n\r\n"
    for size in 1...answer.utf8.count {
      var relay = self.opened()
      _ = relay.handle(.clientBytes(self.bytes(Self.get)), at: self.start)
      _ = relay.handle(.upstreamOpened, at: self.start)
      var client = ByteBuffer()
      for start in stride(from: 0, to: answer.utf8.count, by: size) {
        let piece = ByteBuffer(bytes: Array(answer.utf8).dropFirst(start).prefix(size))
        for case .toClient(var bytes) in relay.handle(.upstreamBytes(piece), at: self.start) {
          client.writeBuffer(&bytes)
        }
      }
      var body = BodyDecoder(.chunked, trailerLimit: 100)
      var text = ""
      let written = String(buffer: client)
      let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
      #expect(written.hasPrefix(head))
      var rest = ByteBuffer(string: String(written.dropFirst(head.count)))
      while let part = try? body.next(&rest) {
        switch part {
        case .bytes(let bytes): text += String(buffer: bytes)
        case .end(let trailers): text += "|\(trailers.count)"
        }
      }
      #expect(text == "abc0123456789abcdef|1", "cut into pieces of \(size)")
    }
  }

  @Test func whatTakesTooLongEndsAndWhatGoesOnDoesNot() {
    let limits = ProxyLimits(head: .seconds(10), idle: .seconds(60), response: .seconds(30))
    func at(_ seconds: Int64) -> NIODeadline { self.start + .seconds(seconds) }
    var relay = self.opened(limits)
    #expect(relay.deadline == at(10))
    _ = relay.handle(.clientBytes(self.bytes(Self.get)), at: at(5))
    _ = relay.handle(.upstreamOpened, at: at(6))
    #expect(relay.deadline == at(36))
    _ = relay.handle(.upstreamBytes(self.bytes(Self.ok)), at: at(30))
    #expect(relay.deadline == at(90))
    _ = relay.handle(.upstreamBytes(self.bytes("a")), at: at(80))
    #expect(relay.handle(.timePassed, at: at(90)).isEmpty)
    #expect(relay.deadline == at(140))
    #expect(relay.handle(.timePassed, at: at(140)) == [.closeUpstream, .abortClient])
    #expect(relay.deadline == nil)
  }

  @Test func aSlowUploadIsTheClientsFaultOrTheGames() {
    for isGame in [true, false] {
      var relay = self.opened(ProxyLimits(idle: .seconds(60)))
      _ = relay.handle(.clientBytes(self.bytes(Self.post)), at: self.start)
      _ = relay.handle(.upstreamOpened, at: self.start)
      if isGame { _ = relay.handle(.upstreamWritable(false), at: self.start) }
      let actions = relay.handle(.timePassed, at: self.start + .seconds(60))
      #expect(actions.contains(.answered(isGame ? 504 : 408)))
      #expect(actions.contains(.closeUpstream) && actions.last == .finishClient)
    }
  }

  @Test func noExchangeBeginsOnceItIsToStop() {
    var idle = self.opened()
    #expect(idle.handle(.stop, at: self.start).last == .closeClient)
    var relay = self.opened()
    _ = relay.handle(.clientBytes(self.bytes(Self.get + Self.get)), at: self.start)
    _ = relay.handle(.upstreamOpened, at: self.start)
    #expect(relay.handle(.stop, at: self.start).isEmpty)
    let actions = relay.handle(
      .upstreamBytes(self.bytes("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na")), at: self.start)
    #expect(
      actions.contains(.toClient(self.bytes("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nConnection: close\r\n\r\n"))))
    #expect(actions.last == .finishClient && !actions.contains(.connect))
  }

  @Test func aRefusedBodyIsReadForAWhileOnly() {
    var relay = self.opened()
    let actions = relay.handle(
      .clientBytes(self.bytes("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9999999\r\n\r\n")), at: self.start)
    #expect(actions.contains(.answered(401)) && actions.last == .finishClient)
    #expect(relay.wantsClientBytes)
    let piece = ByteBuffer(repeating: 1, count: RelayRules.lingeringBytes)
    #expect(relay.handle(.clientBytes(piece), at: self.start).isEmpty)
    #expect(relay.handle(.clientBytes(self.bytes("a")), at: self.start).contains(.abortClient))
    var other = self.opened()
    _ = other.handle(.clientBytes(self.bytes("rubbish\r\n\r\n")), at: self.start)
    _ = other.handle(.clientFinished, at: self.start)
    #expect(other.handle(.timePassed, at: self.start + RelayRules.lingering).contains(.abortClient))
  }
}
