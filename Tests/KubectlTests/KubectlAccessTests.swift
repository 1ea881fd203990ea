import KubernetesModel
import Testing

/// Roles, service accounts and their tokens, as people see them.
@Suite(.enabled(if: Kubectl.isInstalled, "there is no kubectl on the PATH"))
struct KubectlAccessTests {
  private static let sidecar = "system:serviceaccount:default:umpire-sidecar"

  @Test func rolesSayWhatAnAccountMay() async throws {
    try await withKubectl { cluster in
      let kubectl = cluster.kubectl
      let rbac = "\(KubectlCluster.manifests)/rbac"
      try await kubectl("apply", "-f", "\(rbac)/sidecar.yaml", "-f", "\(rbac)/sidecar-namespace.yaml")
      async let pods = kubectl.run(["auth", "can-i", "get", "pods", "--as=\(Self.sidecar)"])
      async let servers = kubectl.run(["auth", "can-i", "patch", "servers.umpire.dev/status", "--as=\(Self.sidecar)"])
      async let elsewhere = kubectl.run([
        "auth", "can-i", "get", "servers.umpire.dev", "-n", "kube-system", "--as=\(Self.sidecar)",
      ])
      async let list = kubectl("auth", "can-i", "--list", "--as=\(Self.sidecar)")
      async let person = kubectl("auth", "can-i", "*", "*")
      async let who = kubectl("auth", "whoami", "--as=\(Self.sidecar)")
      #expect(try await pods.output == "no\n")
      #expect(try await servers.output == "yes\n")
      #expect(try await elsewhere.output == "no\n")
      #expect(
        try await list.rows.contains {
          $0.first == "servers.umpire.dev" && $0.suffix(4) == ["[get", "list", "watch", "patch]"]
        })
      #expect(try await person.output == "yes\n")
      #expect(try await who.output.contains(Self.sidecar))
      let refusal = try await kubectl.run(["get", "pods", "--as=\(Self.sidecar)"])
      #expect(
        refusal.errors
          == "Error from server (Forbidden): pods is forbidden: User \"\(Self.sidecar)\" cannot list resource \"pods\" in API group \"\" in the namespace \"default\"\n"
      )
    }
  }

  @Test func kubectlMakesItsOwnObjects() async throws {
    try await withKubectl(installingKinds: false) { cluster in
      let kubectl = cluster.kubectl
      try await kubectl("create", "serviceaccount", "lobby")
      try await kubectl("create", "role", "reader", "--verb=get,list", "--resource=configmaps,deployments.apps")
      try await kubectl("create", "rolebinding", "reader", "--role=reader", "--serviceaccount=default:lobby")
      try await kubectl("create", "clusterrole", "scaler", "--verb=patch", "--resource=deployments.apps/scale")
      try await kubectl("create", "clusterrolebinding", "scaler", "--clusterrole=scaler", "--group=games")
      try await kubectl("create", "deployment", "hook", "--image=hook:1", "--replicas=2", "--port=80")
      try await kubectl("create", "priorityclass", "games", "--value=1000")
      try await kubectl("create", "quota", "few", "--hard=pods=3,cpu=1500m")
      try await kubectl("create", "poddisruptionbudget", "most", "--selector=app=hook", "--min-available=50%")
      let token = try await kubectl("create", "token", "lobby", "--duration=10m", "--audience=vault").output
      #expect(token.split(separator: ".").count == 3)

      async let tables = kubectl("get", "sa,deploy,pc,quota,pdb")
      async let role = kubectl("describe", "role", "reader")
      async let account = kubectl("describe", "serviceaccount", "lobby")
      async let deployment = kubectl("describe", "deployment", "hook")
      async let explained = kubectl("explain", "rolebinding.roleRef")
      #expect(try await tables.rows.contains { $0.prefix(4) == ["deployment.apps/hook", "0/2", "0", "0"] })
      #expect(
        try await tables.rows.contains { $0.prefix(3) == ["priorityclass.scheduling.k8s.io/games", "1000", "false"] })
      #expect(try await role.output.contains("deployments.apps"))
      #expect(try await account.output.contains("lobby"))
      #expect(try await deployment.output.contains("hook:1"))
      #expect(try await explained.output.contains("Role or ClusterRole"))
      try await kubectl("scale", "deployment/hook", "--replicas=3")
      try await kubectl("set", "image", "deployment/hook", "hook=hook:2")
      #expect(
        try await kubectl(
          "get", "deploy", "hook", "-o", "jsonpath={.spec.replicas} {.spec.template.spec.containers[0].image}"
        )
        .output == "3 hook:2")
      try await kubectl("apply", "--server-side", "-f", "-", input: Self.policy)
      #expect(try await kubectl("get", "netpol").rows.last?.prefix(2) == ["closed", "app=hook"])
      try await kubectl("delete", "deploy/hook", "netpol/closed", "sa/lobby")
    }
  }

  private static let policy = """
    apiVersion: networking.k8s.io/v1
    kind: NetworkPolicy
    metadata: {name: closed}
    spec:
      podSelector: {matchLabels: {app: hook}}
      ingress: [{ports: [{port: 9443}]}]
    """
}
