import Testing

@Suite(.enabled(if: Kubectl.isInstalled, "there is no kubectl on the PATH"))
struct KubectlReadTests {
  @Test func showsObjectsInEveryForm() async throws {
    try await withKubectl { cluster in
      let kubectl = cluster.kubectl
      try await kubectl("apply", "-f", "-", input: Manifests.gameType(labels: "{team: red}"))
      try await kubectl("apply", "-f", "-", input: Manifests.pod())
      async let table = kubectl("get", "gt")
      async let wide = kubectl("get", "gametypes", "-o", "wide", "--show-labels")
      async let everywhere = kubectl("get", "umpire", "-A")
      async let path = kubectl("get", "gametype", "arena", "-o", "jsonpath={.spec.fleetSpec.scaling.replicas}")
      async let yaml = kubectl("get", "gametype.umpire.dev/arena", "-o", "yaml")
      async let json = kubectl("get", "pods", "-o", "json")
      async let selected = kubectl("get", "gt", "-l", "team=red", "-o", "name")
      async let unselected = kubectl("get", "gt", "-l", "team!=red", "-o", "name")
      async let several = kubectl("get", "gt/arena", "pod/duel", "-o", "name")
      async let missing = kubectl.run(["get", "pod", "none"])

      #expect(try await table.rows.first == ["NAME", "FLEET", "DESIRED", "CURRENT", "READY", "UPDATED", "AGE"])
      #expect(try await table.rows.last?.first == "arena")
      #expect(try await wide.rows.first?.contains("STRATEGY") == true)
      #expect(try await wide.rows.last?.last == "team=red")
      #expect(try await everywhere.rows.last?.prefix(2) == ["default", "gametype.umpire.dev/arena"])
      #expect(try await path.output == "2")
      #expect(try await yaml.output.contains("kind: GameType\n"))
      #expect(try await json.output.contains("\"kind\": \"List\""))
      #expect(try await selected.output == "gametype.umpire.dev/arena\n")
      #expect(try await unselected.output == "")
      #expect(try await several.output == "gametype.umpire.dev/arena\npod/duel\n")
      let refusal = try await missing
      #expect(refusal.status == 1)
      #expect(refusal.errors == "Error from server (NotFound): pods \"none\" not found\n")
    }
  }

  @Test func describesObjectsWithTheirEvents() async throws {
    try await withKubectl { cluster in
      let kubectl = cluster.kubectl
      try await kubectl("apply", "-f", "-", input: Manifests.gameType())
      try await kubectl("apply", "-f", "-", input: Manifests.pod())
      let uid = try await kubectl("get", "gt", "arena", "-o", "jsonpath={.metadata.uid}").output
      try await kubectl(
        "create", "-f", "-",
        input: """
          apiVersion: v1
          kind: Event
          metadata: {name: arena.1}
          involvedObject: {apiVersion: umpire.dev/v1alpha1, kind: GameType, name: arena, namespace: default, uid: \(uid)}
          type: Normal
          reason: FleetCreated
          message: made a Fleet
          firstTimestamp: 2026-01-01T00:00:00Z
          lastTimestamp: 2026-01-01T00:00:00Z
          count: 1
          """)
      async let gameType = kubectl("describe", "gametype", "arena")
      async let pod = kubectl("describe", "pod", "duel")
      async let table = kubectl("get", "events")
      async let events = kubectl("events", "--for", "gametype/arena")
      #expect(try await gameType.output.contains("Fleet Spec:"))
      #expect(try await gameType.output.contains("made a Fleet"))
      #expect(try await pod.output.contains(/MODE: +duel/))
      #expect(try await table.output.contains("FleetCreated"))
      #expect(try await events.output.contains("GameType/arena"))
    }
  }

  @Test func findsOutWhatThereIs() async throws {
    try await withKubectl { cluster in
      let kubectl = cluster.kubectl
      // Asks anew, where the others go by what kubectl remembers.
      let rows = try await kubectl("api-resources", "-o", "wide").rows
      async let ofCategory = kubectl("api-resources", "--categories=umpire", "-o", "name")
      async let versions = kubectl("api-versions")
      async let custom = kubectl("explain", "gametype.spec.fleetSpec.scaling")
      async let builtIn = kubectl("explain", "pod.spec.containers.env", "--recursive")
      async let metadata = kubectl("explain", "gt.metadata")
      async let version2 = kubectl("explain", "fleet.spec.scaling", "--output=plaintext-openapiv2")
      async let unknown = kubectl.run(["explain", "gametype.spec.nonsense"])
      #expect(rows.contains { $0.prefix(5) == ["gametypes", "gt", "umpire.dev/v1alpha1", "true", "GameType"] })
      #expect(rows.contains { $0.prefix(5) == ["namespaces", "ns", "v1", "false", "Namespace"] })
      #expect(
        try await ofCategory.rows.flatMap { $0 }.sorted() == [
          "fleets.umpire.dev", "gameautoscalers.umpire.dev", "gametypes.umpire.dev", "servers.umpire.dev",
          "webhookconfigurations.umpire.dev",
        ])
      #expect(try await versions.output.contains("coordination.k8s.io/v1\n"))
      #expect(try await custom.output.contains("replicas\t<integer>"))
      #expect(try await builtIn.output.contains("name\t<string> -required-"))
      #expect(try await metadata.output.contains("ownerReferences\t<[]OwnerReference>"))
      #expect(try await version2.output.contains("replicas\t<integer>"))
      #expect(try await unknown.errors.contains("field \"nonsense\" does not exist"))
    }
  }
}
