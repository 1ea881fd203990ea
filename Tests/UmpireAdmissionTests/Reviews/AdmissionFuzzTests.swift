import HTTPTypes
import KubernetesModel
import ServerSupport
import TestSupport
import Testing

@testable import UmpireAdmission

/// Reviews that nobody meant: each is refused or answered, and none ends the process.
@Suite struct AdmissionFuzzTests {
  private static let reviews: [JSONValue] = [
    AdmissionSamples.review(AdmissionSamples.server),
    AdmissionSamples.review(AdmissionSamples.server, replacing: AdmissionSamples.server),
    AdmissionSamples.review(AdmissionSamples.autoscaler),
    AdmissionSamples.review(
      AdmissionSamples.server, replacing: AdmissionSamples.server,
      ["userInfo": AdmissionSamples.user(pod: "other-pod", uid: "1")]),
  ]

  @Test(arguments: 1...4 as ClosedRange<UInt64>) func everyReviewIsAnsweredOrRefused(seed: UInt64) async throws {
    var source = FuzzSource(seed: seed)
    let handler = AdmissionHandler(lookups: KnownObjects())
    var counts = (answered: 0, denied: 0, refused: 0)
    for _ in 0..<400 {
      var review = source.pick(Self.reviews)
      for _ in 0...source.number(below: 4) {
        if source.isOne(in: 8) {
          review = source.altered(review)
        } else if let spec = review["request"]?["object"]?["spec"] {
          review["request"]?["object"]?["spec"] = source.altered(spec)
        }
      }
      var bytes = source.spelled(review)
      if source.isOne(in: 4) { bytes = source.mutated(bytes, from: Array("{}[]\",:0\\".utf8)) }
      do {
        let question = try AdmissionRoutes.question(in: bytes)
        let answer = await handler.validate(question)
        #expect(answer.uid == question.uid && answer.allowed == (answer.status == nil))
        #expect(handler.fillIn(question).allowed)
        let writer = try await handler.judgeWriter(of: question)
        #expect(writer.uid == question.uid && writer.allowed == (writer.status == nil))
        counts.answered += 1
        if !answer.allowed { counts.denied += 1 }
      } catch let problem as Problem {
        #expect(problem.status == .badRequest)
        counts.refused += 1
      }
    }
    #expect(counts.answered > 20 && counts.denied > 5 && counts.refused > 20, "\(counts)")
  }
}
