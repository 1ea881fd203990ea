import KubernetesModel
import Testing

@Suite struct ConditionTests {
  private let early = Timestamp(secondsSinceEpoch: 100)
  private let late = Timestamp(secondsSinceEpoch: 200)

  @Test func theTransitionTimeIsKeptWhileTheStatusStays() {
    var conditions: [Condition] = []
    conditions.set(Condition(type: "Ready", status: .false, reason: "Starting"), now: self.early)
    conditions.set(Condition(type: "Ready", status: .false, reason: "Waiting"), now: self.late)
    #expect(conditions.count == 1)
    #expect(conditions[type: "Ready"]?.reason == "Waiting")
    #expect(conditions[type: "Ready"]?.lastTransitionTime == self.early)
    conditions.set(Condition(type: "Ready", status: .true), now: self.late)
    #expect(conditions[type: "Ready"]?.lastTransitionTime == self.late)
  }

  @Test func othersAreLeftAlone() {
    var conditions = [Condition(type: "DeleteAllowed", status: .true, lastTransitionTime: self.early)]
    conditions.set(Condition(type: "Ready", status: .true), now: self.late)
    #expect(conditions.isTrue("DeleteAllowed"))
    #expect(conditions.isTrue("Ready"))
    #expect(!conditions.isTrue("Absent"))
  }
}
