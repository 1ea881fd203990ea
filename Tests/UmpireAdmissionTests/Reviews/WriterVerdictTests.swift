import KubernetesModel
import Testing
import UmpireModel

@testable import UmpireAdmission

/// The Pods of `games`: those of the Servers `duel` and `other`, and a tool of the studio's.
@Suite struct WriterVerdictTests {
  private static func pod(
    _ name: String, owner: String? = nil, containers: [String] = ["game"], sidecar: Bool = false
  ) -> Pod {
    var metadata = ObjectMeta(name: name, namespace: "games")
    metadata.uid = "uid-of-\(name)"
    metadata.ownerReferences = owner.map {
      [
        OwnerReference(
          apiVersion: "umpire.dev/v1alpha1", kind: "Server", name: $0, uid: "uid-of-\($0)", controller: true)
      ]
    }
    var spec = PodSpec(containers: containers.map { Container(name: $0, image: "game:1") })
    if sidecar { spec.initContainers = [Container(name: "umpire-sidecar", image: "umpire-sidecar")] }
    return Pod(metadata: metadata, spec: spec)
  }

  private static let pods = [
    Self.pod("duel-pod", owner: "duel", sidecar: true), Self.pod("other-pod", owner: "other", sidecar: true),
    Self.pod("lobby"),
  ]

  /// Asks whether a Pod may change `duel`.
  private func answer(
    _ pod: String, uid: String? = nil, serviceAccount: String = "umpire-sidecar", operation: String = "UPDATE",
    among pods: [Pod] = Self.pods, _ changes: JSONValue = [:]
  ) async throws -> AdmissionResponse {
    let user = AdmissionSamples.user(pod: pod, uid: uid ?? "uid-of-\(pod)", serviceAccount: serviceAccount)
    let object = operation == "DELETE" ? nil : AdmissionSamples.server
    let old = operation == "CREATE" ? nil : AdmissionSamples.server
    let request = try AdmissionSamples.request(
      object, replacing: old, operation: operation, (["userInfo": user] as JSONValue).applying(mergePatch: changes))
    return try await AdmissionHandler(lookups: KnownObjects(pods: pods)).judgeWriter(of: request)
  }

  @Test func aPodChangesItsOwnServerAlone() async throws {
    for part in [[:], ["subResource": "status"]] as [JSONValue] {
      #expect(try await self.answer("duel-pod", part).allowed)
      let refused = try await self.answer("other-pod", part)
      #expect(!refused.allowed && refused.uid == "705ab4f5-6393-11e8-b7cc-42010a800002")
      #expect(refused.status?.code == 403 && refused.status?.reason == "Forbidden")
      #expect(refused.status?.message == #"Pod "other-pod" is that of Server "other" and may not change Server "duel""#)
      #expect(refused.status?.details?.name == "duel" && refused.status?.details?.kind == "Server")
    }
    // One of a collection.
    let deleted = try await self.answer("other-pod", operation: "DELETE", ["name": ""])
    #expect(deleted.status?.message == #"Pod "other-pod" is that of Server "other" and may not delete Server "duel""#)
  }

  @Test(
    arguments: [
      ([:], nil), (["status": ["state": "Ready"]], nil), (["spec": ["opsState": "Maintaining"]], nil),
      (["metadata": ["labels": ["umpire.dev/sdk-map": "desert", "tier": "gold"]]], nil),
      (["metadata": ["annotations": ["umpire.dev/sdk-map": "desert", "umpire.dev/deletion-cost": "5"]]], nil),
      (["spec": ["timeout": "8760h"]], "spec.timeout"),
      (["spec": ["constraints": [["type": "NotInService"]], "opsState": "Kill"]], "spec.constraints"),
      (["spec": ["webhookConfigurationName": "other"]], "spec.webhookConfigurationName"),
      (["metadata": ["labels": ["umpire.dev/fleet": "other"]]], "metadata.labels[umpire.dev/fleet]"),
      (["metadata": ["labels": ["umpire.dev/fleet": nil]]], "metadata.labels[umpire.dev/fleet]"),
      (["metadata": ["ownerReferences": []]], "metadata.ownerReferences"),
      (["metadata": ["finalizers": []]], "metadata.finalizers"),
      (
        ["metadata": ["annotations": ["umpire.dev/webhook-config-name": "other"]]],
        "metadata.annotations[umpire.dev/webhook-config-name]"
      ),
    ] as [(JSONValue, String?)])
  func ofItsOwnServerAPodChangesWhatAGameSays(change: JSONValue, excess: String?) async throws {
    let old = AdmissionSamples.server.applying(
      mergePatch: [
        "metadata": [
          "labels": ["umpire.dev/fleet": "arena"], "finalizers": ["umpire.dev/deletion-gate"],
          "ownerReferences": [["kind": "Fleet", "name": "arena", "uid": "1", "apiVersion": "umpire.dev/v1alpha1"]],
        ]
      ])
    func answer(_ pod: String) async throws -> AdmissionResponse {
      let request = try AdmissionSamples.request(
        old.applying(mergePatch: change), replacing: old,
        ["userInfo": AdmissionSamples.user(pod: pod, uid: "uid-of-\(pod)")])
      return try await AdmissionHandler(lookups: KnownObjects(pods: Self.pods)).judgeWriter(of: request)
    }
    let own = try await answer("duel-pod")
    #expect(own.allowed == (excess == nil))
    #expect(
      own.status?.message == excess.map { #"Pod "duel-pod" may not change \#($0) of its own Server "duel""# })
    // A tool of the studio's may do what its role allows.
    #expect(try await answer("lobby").allowed)
  }

  @Test func itsOwnServerIsChangedWithoutALookup() async throws {
    let user = AdmissionSamples.user(pod: "duel-pod", uid: "1")
    let request = try AdmissionSamples.request(
      AdmissionSamples.server, replacing: AdmissionSamples.server, ["userInfo": user])
    #expect(try await AdmissionHandler(lookups: KnownObjects(isDown: true)).judgeWriter(of: request).allowed)
    await #expect(throws: (any Error).self) {
      var request = request
      request.userInfo?.username = "system:serviceaccount:elsewhere:umpire-sidecar"
      _ = try await AdmissionHandler(lookups: KnownObjects(isDown: true)).judgeWriter(of: request)
    }
  }

  @Test func whoIsNoServersPodMayDoWhatItsRoleAllows() async throws {
    #expect(try await self.answer("lobby", serviceAccount: "lobby").allowed)
    #expect(try await self.answer("lobby", operation: "DELETE").allowed)
    // It is the owner that counts, and no label or name.
    let tools = [Self.pod("other-pod"), Self.pod("fleet-tool")]
    #expect(try await self.answer("other-pod", among: tools).allowed)
    var owned = Self.pod("fleet-tool", owner: "a")
    owned.metadata.ownerReferences?[0].apiVersion = "studio.example/v1"
    #expect(try await self.answer("fleet-tool", among: [owned]).allowed)
    owned = Self.pod("fleet-tool", owner: "a")
    owned.metadata.ownerReferences?[0].kind = "Fleet"
    #expect(try await self.answer("fleet-tool", among: [owned]).allowed)
    owned = Self.pod("fleet-tool", owner: "a")
    owned.metadata.ownerReferences?[0].controller = nil
    #expect(try await self.answer("fleet-tool", among: [owned]).allowed)
  }

  @Test func whoHasNoPodIsNotConcerned() async throws {
    let users: [JSONValue] = [
      ["extra": nil], ["extra": ["authentication.kubernetes.io/pod-name": nil]],
      ["extra": ["authentication.kubernetes.io/pod-name": []]], ["username": "alice@studio.example"],
      ["username": "system:node:kind-worker"], ["username": nil],
    ]
    for user in users {
      #expect(try await self.answer("other-pod", ["userInfo": user]).allowed, "\(user)")
    }
    #expect(try await self.answer("other-pod", ["userInfo": nil]).allowed)
  }

  @Test func whatIsNoChangeOfAServerIsNotConcerned() async throws {
    #expect(try await self.answer("other-pod", operation: "CREATE").allowed)
    #expect(try await self.answer("other-pod", operation: "CONNECT").allowed)
    #expect(try await self.answer("other-pod", ["resource": ["resource": "fleets"]]).allowed)
    #expect(try await self.answer("other-pod", ["resource": ["group": "studio.example"]]).allowed)
  }

  // MARK: Spoofing

  @Test func aPodThatDisownsItselfIsKnownByItsSidecar() async throws {
    for pod in [
      Self.pod("other-pod", sidecar: true), Self.pod("other-pod", containers: ["game", "umpire-sidecar"]),
    ] {
      let refused = try await self.answer("other-pod", among: [pod])
      #expect(refused.status?.message?.contains(#"that of Server "other""#) == true)
    }
    // Nor does it come by another Server.
    let adopted = Self.pod("other-pod", owner: "duel", sidecar: true)
    #expect(try await !self.answer("other-pod", among: [adopted]).allowed)
    let unnamed = Self.pod("stray", owner: "stray-server")
    #expect(try await self.answer("stray", among: [unnamed]).status?.message?.contains(#""stray-server""#) == true)
  }

  @Test func aPodThatIsGoneChangesNothing() async throws {
    let gone = #"Pod "lobby" is gone and may not change Server "duel", which is not its own"#
    #expect(try await self.answer("lobby", among: []).status?.message == gone)
    // Another one has its name.
    #expect(try await self.answer("lobby", uid: "uid-of-another").status?.message == gone)
  }

  @Test func aPodOfAnotherNamespaceHasNoServerHere() async throws {
    let username: JSONValue = ["userInfo": ["username": "system:serviceaccount:elsewhere:umpire-sidecar"]]
    var pod = Self.pod("duel-pod", owner: "duel", sidecar: true)
    #expect(try await !self.answer("duel-pod", among: [pod], username).allowed)
    pod.metadata.namespace = "elsewhere"
    #expect(try await !self.answer("duel-pod", among: [pod], username).allowed)
  }
}
