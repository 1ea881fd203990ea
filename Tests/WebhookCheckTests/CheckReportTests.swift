import Testing
import UmpireModel

@testable import WebhookCheck

struct CheckReportTests {
  private static let url = "http://studio.test/ask?a=1&b=2"

  private func report() -> CheckReport {
    var report = CheckReport(url: Self.url, dialect: .webhookReview)
    report.results = [
      .init(
        type: .scaling, check: .answers, isRequired: true, verdict: .passed("scale to 5"),
        duration: .milliseconds(1234)),
      .init(
        type: .scaling, check: .notJSON, isRequired: true,
        verdict: .failed(.init(sent: "a body that is not JSON", received: "status 200: <\"it's\u{1B} & ok\">"))),
      .init(
        type: .scaling, check: .connections, isRequired: false,
        verdict: .failed(.init(sent: "8 reviews", received: "8 connections", remedy: "keep them"))),
      .init(type: .readiness, check: .replay, isRequired: true, verdict: .skipped("give --secret")),
    ]
    report.unserved = [.init(type: .deletable, received: "status 404: no")]
    return report
  }

  @Test func showsATable() {
    #expect(
      self.report().table == """
        http://studio.test/ask?a=1&b=2, WebhookReview

        ScalingWebhook
          ok      required  answers 200 with a response that counts         scale to 5
          FAILED  required  refuses what is not JSON
                    sent: a body that is not JSON
                    got:  status 200: <"it's\u{1B} & ok">
                    do:   answer 400 when the body cannot be parsed
          advice  advice    keeps connections open
                    sent: 8 reviews
                    got:  8 connections
                    do:   keep them

        ReadinessWebhook
          -       required  refuses a message that came before              give --secret

        DeletableWebhook is not served: status 404: no

        FAILED: 1 as they should be, 1 required failed, 1 with advice, 1 not looked at

        """)
  }

  @Test func writesJUnit() {
    let url = "http://studio.test/ask?a=1&amp;b=2"
    let received = "status 200: &lt;&quot;it&apos;s? &amp; ok&quot;&gt;"
    #expect(
      self.report().junit == """
        <?xml version="1.0" encoding="UTF-8"?>
        <testsuites name="umpire webhook check" tests="4" failures="1">
          <testsuite name="ReadinessWebhook" tests="1" failures="0" skipped="1">
            <testcase classname="\(url) ReadinessWebhook" name="refuses a message that came before" time="0.000"><skipped message="give --secret"/></testcase>
          </testsuite>
          <testsuite name="ScalingWebhook" tests="3" failures="1" skipped="1">
            <testcase classname="\(url) ScalingWebhook" name="answers 200 with a response that counts" time="1.234"/>
            <testcase classname="\(url) ScalingWebhook" name="refuses what is not JSON" time="0.000"><failure message="\(received)">sent: a body that is not JSON&#10;got: \(received)&#10;do: answer 400 when the body cannot be parsed</failure></testcase>
            <testcase classname="\(url) ScalingWebhook" name="keeps connections open" time="0.000"><skipped message="advice: keep them"/><system-out>sent: 8 reviews&#10;got: 8 connections&#10;do: keep them</system-out></testcase>
          </testsuite>
        </testsuites>

        """)
  }

  @Test func nothingServedIsAFailureThere() {
    var report = CheckReport(url: Self.url, dialect: .webhookReview)
    report.unserved = [.init(type: .scaling, received: "status 404: ]]>")]
    #expect(!report.isPassed)
    #expect(report.junit.contains(#"tests="1" failures="1""#))
    #expect(report.junit.contains("ScalingWebhook: status 404: ]]&gt;"))
  }

  @Test func adviceAloneDoesNotFail() {
    var report = self.report()
    report.results.remove(at: 1)
    #expect(report.isPassed)
    #expect(report.table.contains("\npassed: 1 as they should be, 0 required failed, 1 with advice"))
  }

  @Test func everyCheckSaysWhatToDo() {
    #expect(Set(EndpointCheck.allCases.map(\.title)).count == EndpointCheck.allCases.count)
    #expect(EndpointCheck.allCases.allSatisfy { !$0.remedy.isEmpty && EndpointCheck.overview.contains($0.title) })
    #expect(EndpointCheck.answers.isRequired(in: .autoscaleRequest))
    #expect(!EndpointCheck.uid.isRequired(in: .scaleReview))
    #expect(EndpointCheck.uid.obstacle(in: .autoscaleRequest, isSigned: true) != nil)
    #expect(EndpointCheck.replay.obstacle(in: .webhookReview, isSigned: false)?.contains("--secret") == true)
  }
}
