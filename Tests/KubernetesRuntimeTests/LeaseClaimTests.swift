import KubernetesModel
import Testing

@testable import KubernetesRuntime

@Suite struct LeaseClaimTests {
  private let start = ContinuousClock.now
  private let time = Timestamp(secondsSinceEpoch: 1_767_225_600)

  private func at(_ seconds: Double) -> ContinuousClock.Instant { self.start.advanced(by: .seconds(seconds)) }

  private func claim(_ identity: String) -> LeaseClaim<ContinuousClock> {
    LeaseClaim(identity: identity, timing: LeaseTiming())
  }

  private func lease(_ holder: String, renewed: Int64 = 0, seconds: Int64 = 15, transitions: Int64 = 4) -> Lease {
    let renewTime = MicroTimestamp(Timestamp(secondsSinceEpoch: renewed))
    return Lease(
      metadata: ObjectMeta(name: "l", namespace: "n"),
      spec: Lease.Spec(
        holderIdentity: holder, leaseDurationSeconds: seconds, acquireTime: renewTime, renewTime: renewTime,
        leaseTransitions: transitions))
  }

  @Test func aMissingLeaseIsMade() {
    var claim = self.claim("a")
    let expected = Lease.Spec(
      holderIdentity: "a", leaseDurationSeconds: 15, acquireTime: MicroTimestamp(self.time),
      renewTime: MicroTimestamp(self.time), leaseTransitions: 0)
    #expect(claim.look(at: nil, now: self.at(0), time: self.time) == .create(expected))
    // Nothing is ours before the server has said so.
    #expect(!claim.isLeading(at: self.at(0)))
  }

  @Test func aHeldLeaseIsLeftAloneUntilItWasNotSeenRenewedForItsTime() {
    var claim = self.claim("b")
    // The times that it carries are long past, and mean nothing.
    #expect(claim.look(at: self.lease("a", renewed: 1), now: self.at(0), time: self.time) == .leaveAlone(holder: "a"))
    #expect(claim.look(at: self.lease("a", renewed: 1), now: self.at(14), time: self.time) == .leaveAlone(holder: "a"))
    #expect(
      claim.look(at: self.lease("a", renewed: 2), now: self.at(14.5), time: self.time) == .leaveAlone(holder: "a"))
    #expect(claim.look(at: self.lease("a", renewed: 2), now: self.at(29), time: self.time) == .leaveAlone(holder: "a"))
    guard case .replace(let spec) = claim.look(at: self.lease("a", renewed: 2), now: self.at(29.5), time: self.time)
    else {
      Issue.record("not taken")
      return
    }
    #expect(spec.holderIdentity == "b")
    #expect(spec.leaseTransitions == 5)
    #expect(spec.acquireTime == MicroTimestamp(self.time))
  }

  @Test func aReleasedLeaseIsTakenAtOnce() {
    var claim = self.claim("b")
    guard case .replace = claim.look(at: self.lease("", seconds: 1), now: self.at(0), time: self.time) else {
      Issue.record("not taken")
      return
    }
  }

  @Test func renewalKeepsTheTimeOfTaking() {
    var claim = self.claim("a")
    guard case .replace(let spec) = claim.look(at: self.lease("a", renewed: 7), now: self.at(0), time: self.time) else {
      Issue.record("not renewed")
      return
    }
    #expect(spec.acquireTime == MicroTimestamp(Timestamp(secondsSinceEpoch: 7)))
    #expect(spec.renewTime == MicroTimestamp(self.time))
    #expect(spec.leaseTransitions == 4)
  }

  @Test func theRightToActEndsBeforeAnyoneElseMayTakeTheLease() {
    var holder = self.claim("a")
    holder.wrote(self.lease("a"), sent: self.at(0))
    #expect(holder.isLeading(at: self.at(9.999)))
    #expect(!holder.isLeading(at: self.at(10)))
    // Whoever saw the write at the very moment of its sending waits for longer.
    var other = self.claim("b")
    #expect(other.look(at: self.lease("a"), now: self.at(0), time: self.time) == .leaveAlone(holder: "a"))
    #expect(other.look(at: self.lease("a"), now: self.at(14.999), time: self.time) == .leaveAlone(holder: "a"))
    holder.wrote(self.lease("a", renewed: 1), sent: self.at(9))
    #expect(holder.isLeading(at: self.at(18)))
  }

  @Test func anotherHolderEndsOurRightAtOnce() {
    var claim = self.claim("a")
    claim.wrote(self.lease("a"), sent: self.at(0))
    #expect(claim.look(at: self.lease("b"), now: self.at(1), time: self.time) == .leaveAlone(holder: "b"))
    #expect(!claim.isLeading(at: self.at(1)))
  }

  @Test func aPromiseForEverIsNotBelieved() {
    var claim = self.claim("b")
    let greedy = self.lease("a", seconds: .max)
    #expect(claim.look(at: greedy, now: self.at(0), time: self.time) == .leaveAlone(holder: "a"))
    #expect(claim.look(at: greedy, now: self.at(3_601), time: self.time) != .leaveAlone(holder: "a"))
  }
}
