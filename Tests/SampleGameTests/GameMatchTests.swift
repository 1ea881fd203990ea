import Testing

@testable import SampleGame

struct GameMatchTests {
  let now = ContinuousClock.now

  @Test func joinsCountsAndLeaves() {
    var match = GameMatch(version: "v2")
    #expect(match.connect(1, at: self.now) == nil)
    #expect(match.receive("JOIN ada", from: 1, at: self.now).line == "WELCOME ada players=1")
    #expect(match.receive("JOIN ada", from: 1, at: self.now).line == "ERROR already joined")
    #expect(match.connect(2, at: self.now) == nil)
    #expect(match.receive("STATUS", from: 2, at: self.now).line == "STATUS players=1 closing=false version=v2")
    #expect(match.receive("LEAVE", from: 1, at: self.now) == GameMatch.Reply(line: "BYE", hangsUp: true))
    match.disconnect(1)
    match.disconnect(1)
    #expect(match.players == 0)
  }

  @Test func takesNobodyNewOnceClosing() {
    var match = GameMatch(version: "v1")
    _ = match.connect(1, at: self.now)
    _ = match.receive("JOIN ada", from: 1, at: self.now)
    match.close()
    _ = match.connect(2, at: self.now)
    #expect(match.receive("JOIN bob", from: 2, at: self.now).line == "CLOSED")
    #expect(match.receive("STATUS", from: 2, at: self.now).line == "STATUS players=1 closing=true version=v1")
    #expect(match.players == 1)
  }

  @Test func boundsPlayersStrangersAndIdleTime() {
    var match = GameMatch(version: "v1", limits: .init(players: 1, strangers: 1, idle: .seconds(30)))
    #expect(match.connect(1, at: self.now) == nil)
    #expect(match.connect(2, at: self.now) == GameMatch.Reply(line: "FULL", hangsUp: true))
    _ = match.receive("JOIN ada", from: 1, at: self.now)
    #expect(match.connect(2, at: self.now) == nil)
    #expect(match.receive("JOIN bob", from: 2, at: self.now).line == "FULL")
    #expect(match.idleStrangers(at: self.now + .seconds(29)) == [])
    #expect(match.idleStrangers(at: self.now + .seconds(30)) == [2])
    _ = match.receive("STATUS", from: 2, at: self.now + .seconds(29))
    #expect(match.idleStrangers(at: self.now + .seconds(30)) == [])
  }

  @Test(arguments: [
    "", "JOIN", "JOIN a b", "join ada", "STATUS now", "JOIN \u{7}", "JOIN " + String(repeating: "x", count: 33),
  ])
  func refusesOtherLines(line: String) {
    #expect(throws: GameCommand.Malformed.self) { try GameCommand(parsing: line) }
  }

  @Test func cutsLinesAtEverySplit() {
    let text = Array("JOIN ada\r\nSTATUS\n\nLEAVE\n".utf8)
    for cut in text.indices {
      var buffer = LineBuffer()
      let lines = buffer.append(text[..<cut])! + buffer.append(text[cut...])!
      #expect(lines == ["JOIN ada", "STATUS", "", "LEAVE"])
    }
  }

  @Test func refusesALineWithoutEnd() {
    var buffer = LineBuffer()
    #expect(buffer.append(repeatElement(0x61, count: LineBuffer.lineLength)) == [])
    #expect(buffer.append([0x61]) == nil)
  }

  @Test func dutyFollowsTheMatch() {
    let play = SidecarPoller.Duty.play
    #expect(play.next(shutdown: false, players: 0, isPermitted: false) == .play)
    #expect(play.next(shutdown: true, players: 2, isPermitted: false) == .finish)
    #expect(play.next(shutdown: true, players: 0, isPermitted: false) == .permit)
    #expect(SidecarPoller.Duty.finish.next(shutdown: false, players: 1, isPermitted: false) == .finish)
    #expect(SidecarPoller.Duty.finish.next(shutdown: false, players: 0, isPermitted: false) == .permit)
    #expect(SidecarPoller.Duty.permit.next(shutdown: false, players: 0, isPermitted: false) == .permit)
    #expect(SidecarPoller.Duty.permit.next(shutdown: false, players: 0, isPermitted: true) == .wait)
  }

  @Test func readsTheEnvironment() throws {
    let standard = try GameConfiguration(environment: ["POD_IP": ""])
    #expect(standard.host == "*")
    #expect(standard.port == 7777)
    #expect(standard.sidecar == "127.0.0.1:8080")
    let own = try GameConfiguration(environment: [
      "UMPIRE_BIND_ADDRESS": "127.0.3.4", "GAME_PORT": "9000", "POD_IP": "127.0.3.4", "UMPIRE_SIDECAR_PORT": "81",
      "GAME_VERSION": "v9", "GAME_POLL_MILLISECONDS": "20",
    ])
    #expect(own.host == "127.0.3.4")
    #expect(own.port == 9000)
    #expect(own.sidecar == "127.0.3.4:81")
    #expect(own.version == "v9")
    #expect(own.interval == .milliseconds(20))
    let error = #expect(throws: GameConfiguration.Invalid.self) {
      try GameConfiguration(environment: ["GAME_PORT": "high"])
    }
    #expect(error?.description == "GAME_PORT must be a number from 0 to 65535")
  }
}
