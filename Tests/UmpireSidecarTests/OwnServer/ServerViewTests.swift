import KubernetesModel
import Testing
import UmpireModel

@testable import UmpireSidecar

@Suite struct ServerViewTests {
  private func server(_ version: String?, uid: String = "u-1", allowed: Bool? = nil) -> Server {
    var server = Server(
      metadata: ObjectMeta(name: "a", namespace: "n"), spec: ServerSpec(pod: PodSpec(containers: [])))
    server.metadata.uid = uid
    server.metadata.resourceVersion = version
    if let allowed {
      server.status = ServerStatus(conditions: [Condition(type: "DeleteAllowed", status: .init(allowed))])
    }
    return server
  }

  @Test func answersNothingBeforeItHasRead() {
    var view = ServerView()
    #expect(view.flags == nil)
    let isNews1 = view.observe(self.server("1", allowed: true))
    #expect(isNews1)
    #expect(view.flags?[.deleteAllowed] == true)
    #expect(view.flags?[.shutdownRequested] == false)
  }

  @Test func itsOwnWritesAreNotForgottenWhenAnOlderObjectComesBy() {
    var view = ServerView()
    _ = view.observe(self.server("5"))
    let isNews2 = view.wrote(self.server("9", allowed: true))
    #expect(isNews2)
    let isNews3 = view.observe(self.server("7"))
    #expect(!isNews3)
    #expect(view.flags?[.deleteAllowed] == true)
    let isNews4 = view.observe(self.server("9", allowed: true))
    #expect(!isNews4)
    let isNews5 = view.observe(self.server("10", allowed: false))
    #expect(isNews5)
    #expect(view.flags?[.deleteAllowed] == false)
  }

  @Test func anAnswerThatIsOlderThanWhatTheWatchHasShownIsNoNews() {
    var view = ServerView()
    _ = view.observe(self.server("9", allowed: true))
    let isNews6 = view.wrote(self.server("8"))
    #expect(!isNews6)
    #expect(view.flags?[.deleteAllowed] == true)
  }

  /// A cluster that was put back to an older state counts its versions on from there.
  @Test func anOlderVersionCountsOnceNoWriteOfOurOwnIsAwaited() {
    var view = ServerView()
    _ = view.observe(self.server("9", allowed: true))
    let isNews7 = view.observe(self.server("3", allowed: false))
    #expect(isNews7)
    #expect(view.flags?[.deleteAllowed] == false)
  }

  @Test func aDeletionAsksForShutdownForGood() {
    var view = ServerView()
    var server = self.server("1")
    _ = view.observe(server)
    server.metadata.resourceVersion = "2"
    server.metadata.deletionTimestamp = Timestamp(secondsSinceEpoch: 1)
    let isNews8 = view.observe(server)
    #expect(isNews8)
    #expect(view.flags?[.shutdownRequested] == true)
    #expect(view.flags?[.deleteAllowed] == false)
    let isNews9 = view.observeRemoval()
    #expect(isNews9)
    let isNews10 = view.observeRemoval()
    #expect(!isNews10)
    let isNews11 = view.observe(self.server("3"))
    #expect(!isNews11)
    #expect(view.flags?[.shutdownRequested] == true)
    #expect(view.isGone)
  }

  @Test func anotherServerOfTheSameNameIsNotOurs() {
    var view = ServerView()
    _ = view.observe(self.server("1", allowed: false))
    let isNews12 = view.observe(self.server("2", uid: "u-2", allowed: true))
    #expect(isNews12)
    #expect(view.isGone)
    #expect(view.flags?[.deleteAllowed] == false)
    #expect(view.flags?[.shutdownRequested] == true)
  }
}
