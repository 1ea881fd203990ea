import Testing

@testable import ReferenceWebhook

struct SeenMessagesTests {
  @Test func believesAMessageOnce() {
    var seen = SeenMessages()
    #expect(seen.take(id: "a", timestamp: 1000, oldest: 700) == .new)
    #expect(seen.take(id: "b", timestamp: 1000, oldest: 700) == .new)
    #expect(seen.take(id: "a", timestamp: 1000, oldest: 1000) == .seen)
    #expect(seen.count == 2)
  }

  @Test func forgetsWhatWouldNotBeBelievedAnyway() {
    var seen = SeenMessages()
    for second in Int64(1000)..<1100 { #expect(seen.take(id: "a", timestamp: second, oldest: 700) == .new) }
    #expect(seen.take(id: "b", timestamp: 1350, oldest: 1050) == .new)
    #expect(seen.count == 51)
    // Should the clock be set back, what was forgotten does not become new.
    #expect(seen.take(id: "a", timestamp: 1049, oldest: 749) == .tooOld)
    #expect(seen.take(id: "a", timestamp: 1050, oldest: 750) == .seen)
  }

  @Test func whenFullItBelievesNothingAsOldAsWhatItForgot() {
    var seen = SeenMessages(limit: 10)
    for number in 0..<10 { #expect(seen.take(id: "\(number)", timestamp: 1000 + Int64(number / 5), oldest: 0) == .new) }
    #expect(seen.take(id: "new", timestamp: 1002, oldest: 0) == .new)
    #expect(seen.count == 6)
    #expect(seen.take(id: "0", timestamp: 1000, oldest: 0) == .tooOld)
    #expect(seen.take(id: "5", timestamp: 1001, oldest: 0) == .seen)
    // More in one second than it can hold: that second is closed, and the next is open.
    for number in 0..<20 { _ = seen.take(id: "\(number)", timestamp: 1003, oldest: 0) }
    #expect(seen.count <= 10)
    #expect(seen.take(id: "0", timestamp: 1003, oldest: 0) != .new)
    #expect(seen.take(id: "0", timestamp: 1004, oldest: 0) == .new)
  }
}
