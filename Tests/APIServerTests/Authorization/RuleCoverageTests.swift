import Testing

@testable import APIServer

struct RuleCoverageTests {
  private func isCovered(_ wanted: AccessRule, by held: AccessRule...) -> Bool {
    RuleCoverage.missing([wanted], from: held).isEmpty
  }

  @Test func rulesCoverTheirParts() {
    let wanted = AccessRule(["get", "list"], groups: ["", "apps"], resources: ["pods", "pods/log"])
    #expect(self.isCovered(wanted, by: AccessRule(["*"], groups: ["*"], resources: ["*"])))
    #expect(self.isCovered(wanted, by: wanted))
    #expect(
      self.isCovered(
        wanted, by: AccessRule(["get"], groups: ["", "apps"], resources: ["pods", "pods/log"]),
        AccessRule(["list"], groups: ["", "apps"], resources: ["pods", "*/log"])))
    #expect(!self.isCovered(wanted, by: AccessRule(["get", "list"], groups: [""], resources: ["pods", "pods/log"])))
    #expect(!self.isCovered(wanted, by: AccessRule(["get", "list"], groups: ["*"], resources: ["pods"])))
  }

  @Test func aNameDoesNotCoverAll() {
    let named = AccessRule(["get"], groups: [""], resources: ["secrets"], names: ["a"])
    let all = AccessRule(["get"], groups: [""], resources: ["secrets"])
    #expect(self.isCovered(named, by: all))
    #expect(!self.isCovered(all, by: named))
    #expect(!self.isCovered(AccessRule(["get"], groups: [""], resources: ["secrets"], names: ["a", "b"]), by: named))
  }

  @Test func aStarOfARuleNeedsAStar() {
    let all = AccessRule(["*"], groups: [""], resources: ["pods"])
    #expect(!self.isCovered(all, by: AccessRule(["get", "list", "watch"], groups: [""], resources: ["pods"])))
    #expect(self.isCovered(AccessRule(["get"], urls: ["/a/b"]), by: AccessRule(["get"], urls: ["/a/*"])))
    #expect(!self.isCovered(AccessRule(["get"], urls: ["/a/*"]), by: AccessRule(["get"], urls: ["/a/b"])))
  }

  @Test func missingPartsReadTogether() {
    let wanted = AccessRule(["get", "list"], groups: [""], resources: ["pods", "secrets"])
    let missing = RuleCoverage.missing([wanted], from: [AccessRule(["get"], groups: [""], resources: ["pods"])])
    #expect(missing.count == 3)
    #expect(
      RuleCoverage.description(of: missing) == """
        {APIGroups:[""], Resources:["pods"], Verbs:["list"]}
        {APIGroups:[""], Resources:["secrets"], Verbs:["get" "list"]}
        """)
  }
}
