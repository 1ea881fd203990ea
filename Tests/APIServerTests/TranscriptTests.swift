import HTTPTypes
import KubernetesModel
import Testing

@testable import APIServer

/// The embedded server gives a real kube-apiserver's answers.
struct TranscriptTests {
  private static let scenarios = [
    "bad-requests", "bound-token", "chart-kinds", "core-configmap", "crd-rule-on-default", "create-get-delete",
    "defaults-and-pruning", "delete-preconditions", "deployment", "discovery", "dry-run", "events-two-groups",
    "field-validation-strict", "finalizer-flow", "generate-name", "generation", "json-patch", "kubectl-table",
    "lease-election", "list-selectors", "merge-patch-nulls-and-lists", "nodes", "patch-media-types", "pod-validation",
    "roles", "scale-subresource", "server-side-apply", "service-account-token", "status-subresource-isolates",
    "update-needs-resource-version", "validation-422", "watch-events", "watch-label-transition",
  ]

  @Test(arguments: Self.scenarios) func answersAsRecorded(scenario: String) async throws {
    let server = try await EmbeddedAPIServer.inMemory { $0.now = { Timestamp(secondsSinceEpoch: 1_767_225_600) } }
    defer { server.close() }
    let definition = try Transcript.read("crd")
    let created = try await server.send(
      .post, "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", definition)
    try #require(created.status == 201, "\(created.text)")
    let differences = try await Transcript(scenario).differences(server)
    #expect(differences.isEmpty, "\(differences.map(\.text).joined(separator: "\n"))")
  }
}
