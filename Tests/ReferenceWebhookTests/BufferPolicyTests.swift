import Testing
import UmpireModel

@testable import ReferenceWebhook

struct BufferPolicyTests {
  @Test(arguments: [
    (0, 10, 2, 0, 100, 2), (1, 10, 0, 0, 100, 1), (10, 10, 0, 0, 100, 1), (11, 10, 0, 0, 100, 2),
    (25, 10, 2, 0, 100, 5), (0, 10, 0, 3, 100, 3), (5000, 10, 2, 0, 100, 100),
    (Int(Int32.max), 1, Int(Int32.max), 0, Int(Int32.max), Int(Int32.max)),
  ])
  func asksForEnough(
    players: Int, playersPerServer: Int, spare: Int, minimum: Int, maximum: Int, desired: Int
  ) {
    let policy = BufferPolicy(
      players: players, playersPerServer: playersPerServer, spare: spare, minimum: minimum, maximum: maximum)
    #expect(policy.violation == nil)
    #expect(policy.desiredReplicas == desired)
  }

  @Test func namesWhatIsWrong() {
    #expect(BufferPolicy(players: -1).violation == "players must be from 0 to 2147483647")
    #expect(BufferPolicy(playersPerServer: 0).violation == "playersPerServer must be from 1 to 2147483647")
    #expect(BufferPolicy(minimum: 2, maximum: 1).violation == "minimum must not be above maximum")
    #expect(BufferPolicy(maximum: 1 << 40).violation == "maximum must be from 0 to 2147483647")
  }

  @Test func keepsTheLatestPushesOnce() {
    var state = ReferenceState()
    for index in 0..<ReferenceState.keptPushes + 5 {
      var request = ReviewRequest(uid: "u\(index)", name: "s\(index)", namespace: "n")
      request.constraints = [Constraint(type: "NotInService")]
      _ = state.answer(request, as: .constraint)
      _ = state.answer(request, as: .constraint)
    }
    #expect(state.constraints.count == ReferenceState.keptPushes)
    #expect(state.constraints.first?.name == "s5")
    #expect(state.constraints.last?.name == "s104")
  }
}
