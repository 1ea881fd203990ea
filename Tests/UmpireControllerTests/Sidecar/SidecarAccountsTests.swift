import ClusterTestSupport
import HTTPTypes
import KubernetesClient
import KubernetesModel
import Synchronization
import TestSupport
import Testing
import UmpireModel

@testable import UmpireController

/// The controller makes the account of the sidecars where Servers are.
@Suite struct SidecarAccountsTests {
  private static let key = ObjectKey(namespace: "default", name: "umpire-sidecar")

  @Test func theAccountAndItsBindingAreMadeOnce() async throws {
    try await withCluster { cluster in
      let accounts = SidecarAccounts(client: cluster.client, instant: { .now })
      #expect(try await accounts.prepare("default", logger: .silent))
      let account = try await cluster.client.get(ServiceAccount.self, Self.key)
      #expect(account.metadata.label("app.kubernetes.io/managed-by") == "umpire-controller")
      let binding = try await cluster.client.get(RoleBinding.self, Self.key)
      #expect(binding.roleRef == RoleReference(kind: "ClusterRole", name: "umpire-sidecar"))
      #expect(binding.subjects == [RoleSubject(serviceAccount: "umpire-sidecar", namespace: "default")])
      // What is known is not made again, until it is forgotten.
      try await cluster.client.delete(ServiceAccount.self, Self.key)
      #expect(try await accounts.prepare("default", logger: .silent))
      #expect(try await cluster.client.find(ServiceAccount.self, Self.key) == nil)
      accounts.forget("default")
      #expect(try await accounts.prepare("default", logger: .silent))
      #expect(try await cluster.client.find(ServiceAccount.self, Self.key) != nil)
    }
  }

  @Test func whatSomebodyDeletesIsMadeAnewAfterAWhile() async throws {
    try await withCluster { cluster in
      let now = Mutex(ContinuousClock.now)
      let accounts = SidecarAccounts(client: cluster.client, instant: { now.withLock { $0 } })
      #expect(try await accounts.prepare("default", logger: .silent))
      try await cluster.client.delete(RoleBinding.self, Self.key)
      now.withLock { $0 += .seconds(301) }
      #expect(try await accounts.prepare("default", logger: .silent))
      #expect(try await cluster.client.find(RoleBinding.self, Self.key) != nil)
    }
  }

  @Test func whoMayNotMakeThemGoesOnWithWhatThereIs() async throws {
    let transport = ScriptedTransport { _, _ in
      .body(#"{"kind":"Status","status":"Failure","reason":"Forbidden","code":403}"#, status: .forbidden)
    }
    let client = APIClient(transport: transport, configuration: .inProcess, fieldManager: "test")
    let accounts = SidecarAccounts(client: client, instant: { .now })
    #expect(try await accounts.prepare("default", logger: .silent))
    #expect(try await accounts.prepare("default", logger: .silent))
    #expect(transport.requests.count == 1)
  }

  @Test func aServerBringsTheAccountOfItsPod() async throws {
    try await withControllers { client, _ in
      _ = try await client.create(Fixtures.arena(replicas: 1))
      try await eventually("the Server is ready") {
        try await client.arenaServers().first?.status?.state == .ready
      }
      #expect(try await client.find(ServiceAccount.self, Self.key) != nil)
      #expect(try await client.find(RoleBinding.self, Self.key) != nil)
    }
  }

  @Test func aPodWithAnAccountOfItsOwnNeedsNone() {
    var server = Fixtures.server("a")
    #expect(server.usesSidecarAccount)
    server.spec.pod.serviceAccountName = "own"
    #expect(!server.usesSidecarAccount)
    server = Fixtures.server("a")
    server.spec.sidecar.enabled = false
    #expect(!server.usesSidecarAccount)
  }

  // MARK: The token

  private func spec(_ change: (inout Server) -> Void = { _ in }) -> PodSpec {
    var server = Fixtures.server("a")
    change(&server)
    return PodTemplate.pod(for: server, sidecar: SidecarDefaults(image: "s")).spec
  }

  private func mounts(_ container: Container?) -> [JSONValue] {
    (container?.fields["volumeMounts"]?.arrayValue ?? []).compactMap { $0["mountPath"] }
  }

  @Test(arguments: [SidecarSpec.StartOrder.before, .after])
  func theSidecarAloneHasTheToken(order: SidecarSpec.StartOrder) {
    let spec = self.spec { $0.spec.sidecar.startOrder = order }
    #expect(spec.fields["automountServiceAccountToken"] == false)
    #expect(spec.serviceAccountName == "umpire-sidecar")
    let sidecar = (spec.initContainers + spec.containers).first { $0.name == "umpire-sidecar" }
    let folder: JSONValue = "/var/run/secrets/kubernetes.io/serviceaccount"
    #expect(self.mounts(sidecar) == [folder])
    #expect(self.mounts(spec.containers.first { $0.name == "game" }).isEmpty)
    let sources = spec.fields["volumes"]?[0]?["projected"]?["sources"]
    #expect(sources?[0]?["serviceAccountToken"] == ["path": "token", "expirationSeconds": 3607])
  }

  @Test func aPodWithAnAccountOfItsOwnKeepsWhatItSays() {
    let own = self.spec { $0.spec.pod.serviceAccountName = "own" }
    #expect(own.fields["automountServiceAccountToken"] == nil)
    #expect(own.serviceAccountName == "own")
    // Whatever it asks for: the token would be the sidecar's.
    let asked = self.spec { $0.spec.pod.fields["automountServiceAccountToken"] = true }
    #expect(asked.fields["automountServiceAccountToken"] == false)
    // The field's old name, and no name.
    let former = self.spec { $0.spec.pod.fields["serviceAccount"] = "own" }
    #expect(former.serviceAccountName == "own" && former.fields["serviceAccount"] == nil)
    #expect(former.fields["automountServiceAccountToken"] == nil)
    #expect(self.spec { $0.spec.pod.serviceAccountName = "" }.serviceAccountName == "umpire-sidecar")
  }
}
