import KubernetesModel
import Testing

@testable import APIServer

/// What counts as an answer, and how it is told.
struct AdmissionAnswerTests {
  private static let review: JSONValue = [
    "apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "response": ["uid": "u", "allowed": true],
  ]

  private func fault(_ change: JSONValue, isMutating: Bool = true) -> String? {
    do throws(AdmissionCallError) {
      _ = try AdmissionAnswer(
        Self.review.applying(mergePatch: change).serialized(), uid: "u", isMutating: isMutating)
      return nil
    } catch {
      return error.reason
    }
  }

  @Test func malformedAnswersAreRefused() {
    let invalid = "received invalid webhook response: "
    #expect(self.fault([:]) == nil)
    #expect(self.fault(["response": nil]) == invalid + "webhook response was absent")
    #expect(self.fault(["response": ["uid": "v"]]) == invalid + #"expected response.uid="u", got "v""#)
    #expect(
      self.fault(["apiVersion": "admission.k8s.io/v1beta1"]) == invalid
        + "expected webhook response of admission.k8s.io/v1, Kind=AdmissionReview, got admission.k8s.io/v1beta1, "
        + "Kind=AdmissionReview")
    let patch: JSONValue = ["response": ["patch": "W10="]]
    let type: JSONValue = ["response": ["patchType": "JSONPatch"]]
    #expect(self.fault(patch) == invalid + "webhook returned response.patch but not response.patchType")
    #expect(self.fault(type) == invalid + "webhook returned response.patchType but not response.patch")
    #expect(self.fault(patch, isMutating: false) == invalid + "validating webhook may not return response.patch")
    #expect(self.fault(type, isMutating: false) == invalid + "validating webhook may not return response.patchType")
    #expect(self.fault(patch.applying(mergePatch: type)) == nil)
    let undecodable = "received undecodable patch in webhook response: "
    #expect(
      self.fault(["response": ["patch": "%", "patchType": "JSONPatch"]]) == undecodable + "it is not base64")
    #expect(
      self.fault(["response": ["patch": "e30=", "patchType": "JSONPatch"]])?.hasPrefix(undecodable) == true)
    #expect(
      self.fault(["response": ["patch": "W10=", "patchType": "Merge"]])
        == invalid + #"webhook returned invalid response.patchType of "Merge""#)
  }

  @Test func whatIsNoJSONIsNoAnswer() {
    for bytes in [[], Array("{".utf8), Array("null".utf8), Array("[]".utf8), [0xFF, 0xFE]] {
      #expect(throws: AdmissionCallError.self) { try AdmissionAnswer(bytes, uid: "u", isMutating: false) }
    }
  }

  @Test func silenceIsARefusal() throws {
    let answer = try AdmissionAnswer(
      Self.review.applying(mergePatch: ["response": ["allowed": nil]]).serialized(), uid: "u", isMutating: false)
    #expect(!answer.isAllowed)
  }

  @Test func refusalsKeepTheWebhooksWords() {
    let named = #"admission webhook "a.b.c" denied the request"#
    let whole = APIFailure.denied(
      by: "a.b.c",
      ["code": 409, "reason": "Conflict", "message": "not now", "details": ["retryAfterSeconds": 3]])
    #expect(whole.code == 409)
    #expect(whole.reason == "Conflict")
    #expect(whole.message == named + ": not now")
    #expect(whole.details == ["retryAfterSeconds": 3])
    #expect(APIFailure.denied(by: "a.b.c", ["reason": "Busy"]).message == named + ": Busy")
    let bare = APIFailure.denied(by: "a.b.c", .null)
    #expect(bare.message == named + " without explanation")
    #expect(bare.code == 400)
    // A refusal is no success, and no code that HTTP does not know.
    for code in [200, 0, -1, 999, 10_000] as [Int64] {
      #expect(APIFailure.denied(by: "a.b.c", ["code": .integer(code)]).code == 400)
    }
  }

  @Test func warningsAreBounded() {
    var warnings = AdmissionWarnings()
    warnings.add("")
    warnings.add("once")
    warnings.add("once")
    warnings.add("two\r\nlines\u{2028}and more")
    #expect(warnings.texts == ["once", "two  lines and more"])
    let long = String(repeating: "x", count: 10_000)
    warnings.add(long)
    #expect(warnings.texts.last?.count == AdmissionWarnings.shortened)
    for index in 0..<100 { warnings.add("\(index)\(long)") }
    let count = warnings.texts.reduce(0) { $0 + $1.unicodeScalars.count }
    #expect(count <= AdmissionWarnings.maximumCharacters)
    #expect(count > AdmissionWarnings.maximumCharacters - AdmissionWarnings.shortened)
  }
}
