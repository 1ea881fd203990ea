import KubernetesModel
import Synchronization
import Testing
import UmpireModel

@testable import UmpireController

@Suite struct OwnWritesTests {
  private final class Clock: Sendable {
    private let passed = Mutex(Duration.zero)
    private let start = ContinuousClock.now
    var instant: ContinuousClock.Instant { self.start + self.passed.withLock { $0 } }
    func advance(_ duration: Duration) { self.passed.withLock { $0 += duration } }
  }

  private func server(version: String) -> Server {
    var server = Fixtures.server("a")
    server.metadata.resourceVersion = version
    return server
  }

  private func wait(_ writes: OwnWrites, _ seen: Server?) -> Duration? {
    writes.wait(for: Server.self, self.server(version: "0").key, seen: seen)
  }

  @Test func anOldVersionIsWaitedOut() {
    let clock = Clock()
    let writes = OwnWrites(instant: { clock.instant })
    #expect(self.wait(writes, self.server(version: "9")) == nil)
    writes.note(self.server(version: "10"))
    #expect(self.wait(writes, self.server(version: "9")) == OwnWrites.lifetime)
    // A Pod of the same name is something else.
    #expect(writes.wait(for: Pod.self, self.server(version: "0").key, seen: nil) == nil)
    // Somebody else has written since.
    #expect(self.wait(writes, self.server(version: "11")) == nil)
    #expect(self.wait(writes, self.server(version: "9")) == nil)
  }

  @Test func nothingIsWaitedForLongerThanItsTime() {
    let clock = Clock()
    let writes = OwnWrites(instant: { clock.instant })
    writes.note(self.server(version: "10"))
    #expect(self.wait(writes, nil) == OwnWrites.lifetime)
    clock.advance(.seconds(3))
    #expect(self.wait(writes, nil) == .seconds(2))
    clock.advance(.seconds(2))
    #expect(self.wait(writes, nil) == nil)
  }

  @Test func anObjectThatWasMadeAnewIsNotMistaken() {
    let writes = OwnWrites(instant: { .now })
    writes.note(self.server(version: "10"))
    var other = self.server(version: "2")
    other.metadata.uid = "another"
    #expect(self.wait(writes, other) == nil)
  }

  @Test func aDeletionShowsInTheObjectOrByItsAbsence() {
    let clock = Clock()
    let writes = OwnWrites(instant: { clock.instant })
    let server = self.server(version: "5")
    writes.noteDeletion(of: server)
    #expect(self.wait(writes, server) != nil)
    var going = server
    going.metadata.deletionTimestamp = Fixtures.now
    #expect(self.wait(writes, going) == nil)
    writes.noteDeletion(of: server)
    #expect(self.wait(writes, nil) == nil)
  }

  @Test func versionsThatAreNoNumbersAreComparedAsTheyAre() {
    let writes = OwnWrites(instant: { .now })
    writes.note(self.server(version: "b"))
    #expect(self.wait(writes, self.server(version: "c")) != nil)
    #expect(self.wait(writes, self.server(version: "b")) == nil)
  }
}
