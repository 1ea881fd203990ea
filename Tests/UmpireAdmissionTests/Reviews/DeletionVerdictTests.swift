import KubernetesModel
import Testing
import UmpireModel

@testable import UmpireAdmission

@Suite struct DeletionVerdictTests {
  private func answer(
    _ options: JSONValue?, of server: JSONValue = AdmissionSamples.server, _ changes: JSONValue = [:]
  ) async throws -> AdmissionResponse {
    let changes = changes.applying(mergePatch: ["options": options ?? .null])
    let request = try AdmissionSamples.request(nil, replacing: server, operation: "DELETE", changes)
    return await AdmissionHandler(lookups: KnownObjects()).validate(request)
  }

  private static let foreground: JSONValue = [
    "apiVersion": "meta.k8s.io/v1", "kind": "DeleteOptions", "propagationPolicy": "Foreground",
  ]

  @Test func aServerIsNotDeletedInTheForeground() async throws {
    let answer = try await self.answer(Self.foreground)
    #expect(!answer.allowed && answer.uid == "705ab4f5-6393-11e8-b7cc-42010a800002")
    #expect(
      answer.status?.message == "Server \"duel\" takes its Pod along by its own rules and stays until it is gone; "
        + "delete it without --cascade=foreground")
    #expect(answer.status?.code == 403 && answer.status?.reason == "Forbidden")
    #expect(answer.status?.details?.name == "duel" && answer.status?.details?.kind == "Server")
    // One of a collection.
    let unnamed = try await self.answer(Self.foreground, ["name": ""])
    #expect(unnamed.status?.message?.hasPrefix("Server \"duel\" takes") == true)
    // Whatever else is wrong with it.
    let broken = AdmissionSamples.server.applying(mergePatch: ["spec": ["timeout": 5, "pod": nil]])
    #expect(try await !self.answer(Self.foreground, of: broken).allowed)
    #expect(try await !self.answer(Self.foreground, of: ["kind": "Server"]).allowed)
  }

  @Test(
    arguments: [
      ["propagationPolicy": "Background"], ["propagationPolicy": "Orphan"], ["propagationPolicy": nil],
      ["orphanDependents": true], ["orphanDependents": false], [:], nil,
    ] as [JSONValue?])
  func otherDeletionsPass(options: JSONValue?) async throws {
    #expect(try await self.answer(options).allowed)
  }

  @Test(arguments: [["allowForceDelete": true], ["opsState": "Kill"]] as [JSONValue])
  func whatNeedsNoPermissionPasses(spec: JSONValue) async throws {
    let server = AdmissionSamples.server.applying(mergePatch: ["spec": spec])
    #expect(try await self.answer(Self.foreground, of: server).allowed)
  }

  @Test(
    arguments: [["allowForceDelete": "true"], ["allowForceDelete": false], ["opsState": "Maintaining"]] as [JSONValue])
  func whatIsNotSaidIsNoPermission(spec: JSONValue) async throws {
    let server = AdmissionSamples.server.applying(mergePatch: ["spec": spec])
    #expect(try await !self.answer(Self.foreground, of: server).allowed)
  }

  @Test func othersAreDeletedAsTheirOwnersLike() async throws {
    for kind in ["Fleet", "GameType"] {
      #expect(try await self.answer(Self.foreground, ["kind": ["kind": .string(kind)]]).allowed)
    }
    #expect(try await self.answer(Self.foreground, ["kind": ["group": "games.example"]]).allowed)
  }
}
