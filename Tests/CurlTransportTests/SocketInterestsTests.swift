import Testing

@testable import CurlTransport

struct SocketInterestsTests {
  private let input: UInt32 = 1
  private let output: UInt32 = 4

  @Test func aConnectionThatIsUsedAgainCostsNoCall() {
    var interests = SocketInterests()
    interests.opened(5)
    #expect(interests.want(self.output, of: 5) == .add(self.output))
    #expect(interests.want(self.input, of: 5) == .modify(self.input))
    for _ in 0..<3 {
      #expect(interests.want(0, of: 5) == .none)
      #expect(interests.want(self.input, of: 5) == .none)
    }
  }

  /// libcurl closes descriptors of its own without a word, and their numbers come back.
  @Test func aSocketThatIsNotOursIsForgottenAtOnce() {
    var interests = SocketInterests()
    #expect(interests.want(self.input, of: 7) == .add(self.input))
    #expect(interests.want(0, of: 7) == .delete)
    #expect(interests.count == 0)
    #expect(interests.want(self.input, of: 7) == .add(self.input))
  }

  @Test func aNumberThatComesBackIsANewSocket() {
    var interests = SocketInterests()
    interests.opened(5)
    _ = interests.want(self.input, of: 5)
    _ = interests.want(0, of: 5)
    interests.closed(5)
    #expect(interests.want(self.input, of: 5) == .add(self.input))

    interests.opened(6)
    _ = interests.want(self.input, of: 6)
    interests.opened(6)
    #expect(interests.want(self.input, of: 6) == .add(self.input))
  }

  @Test func anEventThatNobodyWaitsForIsNotReportedAgain() {
    var interests = SocketInterests()
    interests.opened(5)
    _ = interests.want(self.input, of: 5)
    #expect(interests.callForUnwanted(5) == nil)
    _ = interests.want(0, of: 5)
    #expect(interests.callForUnwanted(5) == .delete)
    #expect(interests.want(0, of: 5) == .none)
    #expect(interests.want(self.input, of: 5) == .add(self.input))
    #expect(interests.callForUnwanted(9) == nil)
  }
}
