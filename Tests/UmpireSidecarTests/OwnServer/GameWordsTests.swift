import KubernetesModel
import Testing
import UmpireModel

@testable import UmpireSidecar

@Suite struct GameWordsTests {
  private let allow = SidecarFlag.deleteAllowed.change(to: true)
  private let warm = ServerChange.condition(type: "warm", isTrue: true, reason: "SetByGameServer")
  private func time(_ seconds: Int64) -> Timestamp { Timestamp(secondsSinceEpoch: 1_800_000_000 + seconds) }

  private func server(restarts: Int64?, end: Int64?) -> Server {
    let spec = ServerSpec(pod: PodSpec(containers: [Container(name: "game", image: "game:1")]))
    var server = Server(metadata: ObjectMeta(name: "a"), spec: spec, status: ServerStatus())
    server.status?.gameRestarts = restarts
    server.status?.gameEndTime = end.map(self.time)
    return server
  }

  @Test func whatWasSaidSinceTheRestartIsSaidOnceMore() {
    var words = GameWords()
    #expect(words.observe(self.server(restarts: nil, end: nil)) == [])
    words.note(self.warm, at: self.time(0))
    words.note(self.allow, at: self.time(12))
    words.note(.label(key: "map", value: "desert"), at: self.time(12))
    #expect(words.observe(self.server(restarts: 1, end: 10)) == [self.allow])
    #expect(words.observe(self.server(restarts: 1, end: 10)) == [])
    // In the next life nothing was said yet.
    #expect(words.observe(self.server(restarts: 2, end: 20)) == [])
  }

  @Test func whatWasSaidInTheSecondOfTheEndMayBeOfTheLifeBefore() {
    var words = GameWords()
    _ = words.observe(self.server(restarts: nil, end: nil))
    words.note(self.allow, at: self.time(10))
    #expect(words.observe(self.server(restarts: 1, end: 10)) == [])
  }

  @Test func whatCouldNotBeStoredIsForgotten() {
    var words = GameWords()
    _ = words.observe(self.server(restarts: nil, end: nil))
    words.note(self.allow, at: self.time(11))
    words.forget(self.allow, at: self.time(11))
    words.note(self.warm, at: self.time(11))
    words.forget(self.warm, at: self.time(9))
    #expect(words.observe(self.server(restarts: 1, end: 10)) == [self.warm])
  }
}
