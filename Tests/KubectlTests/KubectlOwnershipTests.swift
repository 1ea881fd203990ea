import Testing

/// Who owns which field, as kubectl brings it about and shows it.
@Suite(.enabled(if: Kubectl.isInstalled, "there is no kubectl on the PATH"))
struct KubectlOwnershipTests {
  private static let onTheServer = ["apply", "--server-side", "-f", "-"]

  /// `manager/operation/subresource` of every entry of an object's managed fields.
  private func owners(_ kubectl: Kubectl, _ object: String) async throws -> Set<String> {
    let path = "jsonpath={range .metadata.managedFields[*]}{.manager}/{.operation}/{.subresource} {end}"
    let fields = try await kubectl("get", object, "--show-managed-fields", "-o", path)
    return Set(fields.output.split(separator: " ").map(String.init))
  }

  @Test func whatWasCreatedIsDisputedOnTheServer() async throws {
    try await withKubectl { cluster in
      let kubectl = cluster.kubectl
      try await kubectl("create", "-f", "-", input: Manifests.gameType())
      #expect(try await self.owners(kubectl, "gt/arena") == ["kubectl-create/Update/"])
      let conflict = try await kubectl.run(Self.onTheServer, input: Manifests.gameType(replicas: 7))
      #expect(conflict.status == 1)
      #expect(
        conflict.errors.contains(
          "Apply failed with 1 conflict: conflict with \"kubectl-create\" using umpire.dev/v1alpha1: "
            + ".spec.fleetSpec.scaling.replicas"))
      let forced = try await kubectl.run(
        Self.onTheServer + ["--force-conflicts"], input: Manifests.gameType(replicas: 7))
      #expect(forced.status == 0)
      #expect(try await self.owners(kubectl, "gt/arena") == ["kubectl/Apply/", "kubectl-create/Update/"])
      // Nothing of it is shown unless it is asked for.
      let plain = try await kubectl("get", "gt", "arena", "-o", "yaml")
      #expect(!plain.output.contains("managedFields"))
      let whole = try await kubectl("get", "gt", "arena", "-o", "yaml", "--show-managed-fields")
      #expect(whole.output.contains("f:fleetSpec:"))
    }
  }

  @Test func clientSideApplyMovesToTheServer() async throws {
    try await withKubectl { cluster in
      let kubectl = cluster.kubectl
      try await kubectl("apply", "-f", "-", input: Manifests.gameType(labels: "{team: blue, tier: one}"))
      #expect(try await self.owners(kubectl, "gt/arena") == ["kubectl-client-side-apply/Update/"])
      let moved = try await kubectl.run(
        Self.onTheServer, input: Manifests.gameType(replicas: 7, labels: "{team: blue}"))
      #expect(moved.status == 0, "\(moved.errors)")
      #expect(!moved.errors.contains("arning"), "\(moved.errors)")
      // What kubectl applied by itself is the applier's now, and what is not in the manifest any more is gone.
      let owners = try await self.owners(kubectl, "gt/arena")
      #expect(owners.contains("kubectl/Apply/"))
      #expect(!owners.contains("kubectl-client-side-apply/Update/"))
      let labels = try await kubectl("get", "gt", "arena", "-o", "jsonpath={.metadata.labels}")
      #expect(labels.output == #"{"team":"blue"}"#)
      let less = try await kubectl.run(Self.onTheServer, input: Manifests.gameType(replicas: 7))
      #expect(less.status == 0)
      let none = try await kubectl("get", "gt", "arena", "-o", "jsonpath={.metadata.labels}")
      #expect(none.output == "")
      // The way back is open as well.
      let back = try await kubectl.run(["apply", "-f", "-"], input: Manifests.gameType(replicas: 3))
      #expect(back.status == 0, "\(back.errors)")
    }
  }

  @Test func whoScalesOwnsTheNumber() async throws {
    try await withKubectl { cluster in
      let kubectl = cluster.kubectl
      let folder = "\(KubectlCluster.manifests)/samples/fleet.yaml"
      try await kubectl("apply", "--server-side", "-f", folder)
      try await kubectl("scale", "fleet/practice", "--replicas=9")
      #expect(
        try await self.owners(kubectl, "fleet/practice") == ["kubectl/Apply/", "kubectl/Update/scale"])
      let again = try await kubectl.run(["apply", "--server-side", "-f", folder])
      #expect(again.errors.contains("conflict with \"kubectl\" with subresource \"scale\" using umpire.dev/v1alpha1"))
    }
  }
}
