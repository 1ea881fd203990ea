import HTTPTypes
import Testing

@testable import APIServer

struct ImpersonationTests {
  private static func fields(_ values: [(String, String)]) -> HTTPFields {
    var fields = HTTPFields()
    for (name, value) in values { fields.append(HTTPField(name: HTTPField.Name(name)!, value: value)) }
    return fields
  }

  private static func texts(_ impersonation: Impersonation) -> [String] {
    impersonation.requirements.map { attributes in
      guard case .resource(let target) = attributes.target else { return "" }
      return "\(attributes.verb) \(target.group)/\(target.combined) \(target.namespace)/\(target.name)"
    }
  }

  @Test func withoutFieldsThereIsNone() throws {
    #expect(try Impersonation(Self.fields([("Accept", "x")])) == nil)
  }

  @Test func aServiceAccountIsInItsGroups() throws {
    let one = try #require(try Impersonation(Self.fields([("Impersonate-User", "system:serviceaccount:a:b")])))
    #expect(one.user.groups == ["system:serviceaccounts", "system:serviceaccounts:a", "system:authenticated"])
    #expect(!one.user.isPrivileged)
    #expect(Self.texts(one) == ["impersonate /serviceaccounts a/b"])
  }

  @Test func everyValueIsARequirement() throws {
    let one = try #require(
      try Impersonation(
        Self.fields([
          ("Impersonate-User", "alice"), ("Impersonate-Group", "x"), ("Impersonate-Group", "y"),
          ("Impersonate-Uid", "7"), ("Impersonate-Extra-Scopes", "view"), ("Impersonate-Extra-acme.com%2fteam", "red"),
        ])))
    #expect(one.user.username == "alice")
    #expect(one.user.uid == "7")
    #expect(one.user.groups == ["x", "y", "system:authenticated"])
    #expect(one.user.extra == ["scopes": ["view"], "acme.com/team": ["red"]])
    #expect(
      Self.texts(one) == [
        "impersonate /users /alice", "impersonate /groups /x", "impersonate /groups /y",
        "impersonate authentication.k8s.io/userextras/acme.com/team /red",
        "impersonate authentication.k8s.io/userextras/scopes /view", "impersonate authentication.k8s.io/uids /7",
      ])
  }

  @Test func theAnonymousAreNotAuthenticated() throws {
    let one = try #require(try Impersonation(Self.fields([("Impersonate-User", "system:anonymous")])))
    #expect(one.user.groups == ["system:unauthenticated"])
    #expect(!one.user.isPrivileged)
  }

  @Test(arguments: [("Impersonate-Group", "x"), ("Impersonate-Uid", "x"), ("Impersonate-Extra-a", "x")])
  func aUserIsNeeded(name: String, value: String) {
    #expect(throws: APIFailure.self) { try Impersonation(Self.fields([(name, value)])) }
  }

  @Test func valuesAreBounded() {
    let groups = (0...100).map { ("Impersonate-Group", "\($0)") }
    #expect(throws: APIFailure.self) { try Impersonation(Self.fields([("Impersonate-User", "a")] + groups)) }
  }
}
