import HTTPTypes
import Testing

@testable import ReverseProxy

struct AdmissionTests {
  private static func decide(
    _ authorizations: [String], target: String = "/a", parameter: String? = nil
  ) throws -> Admission {
    let tokens = try BearerTokens([Array("one".utf8), Array("two-2".utf8)])
    var fields = HTTPFields()
    for value in authorizations { fields.append(HTTPField(name: .authorization, value: value)) }
    return AdmissionRule(queryParameter: parameter).decide(fields, target: target, isValid: tokens.contains)
  }

  @Test(arguments: ["Bearer one", "bearer two-2", "BEARER  one"])
  func aTokenOfOursIsAdmitted(value: String) throws {
    #expect(try Self.decide([value]) == .admitted(target: "/a"))
  }

  @Test(arguments: [
    "Bearer onE", "Bearer one1", "Bearer on", "Bearer", "Bearer ", "Basic one", "one", "", "Bearer one two-2",
    "Bearer\tone", "Bearer one,", "Bearer \u{e9}",
  ])
  func anythingElseIsInvalid(value: String) throws {
    #expect(try Self.decide([value]) == .invalid)
  }

  @Test func aTokenIsShownOnceAndInOneWay() throws {
    #expect(try Self.decide([]) == .missing)
    #expect(try Self.decide(["Bearer one", "Bearer one"]) == .ambiguous)
    #expect(try Self.decide(["Bearer one"], target: "/?t=one", parameter: "t") == .ambiguous)
    #expect(try Self.decide([], target: "/?t=one&t=one", parameter: "t") == .ambiguous)
  }

  @Test(arguments: [
    ("/?t=one", Admission.admitted(target: "/")), ("/?a=1&t=one&b", .admitted(target: "/?a=1&b")),
    ("/?%74=%6fne", .admitted(target: "/")), ("/?t=", .invalid), ("/?t", .invalid), ("/?t=%zz", .invalid),
    ("/?t=%6", .invalid), ("/?T=one", .missing), ("/t=one", .missing), ("/?tt=one", .missing), ("/?t=One", .invalid),
  ])
  func aTokenInTheQueryCountsWhereItIsNamed(target: String, admission: Admission) throws {
    #expect(try Self.decide([], target: target, parameter: "t") == admission)
  }

  @Test func aQueryIsLeftAloneWhereNoneIsNamed() throws {
    #expect(try Self.decide([], target: "/?t=one") == .missing)
    #expect(try Self.decide(["Bearer one"], target: "/?t=one&&%zz") == .admitted(target: "/?t=one&&%zz"))
  }

  @Test func tokensAreNeverShown() throws {
    let tokens = try BearerTokens([Array("hidden-token".utf8)])
    var dumped = ""
    dump(tokens, to: &dumped)
    for text in ["\(tokens)", String(reflecting: tokens), dumped] {
      #expect(!text.contains("hidden") && !text.contains("104"))
    }
    #expect(tokens.count == 1)
  }
}
